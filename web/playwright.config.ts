// Walks through the built app in Debian's Chromium, by day in its headless shell; make test-browser.

import { defineConfig } from '@playwright/test';

const chromium = process.env.TIDINGS_TEST_CHROMIUM;
if (!chromium) {
  throw new Error('TIDINGS_TEST_CHROMIUM names no browser: run make test-browser');
}

export default defineConfig({
  testDir: 'journeys',
  outputDir: '../tmp/browser',
  workers: process.env.FULL ? 2 : 3, // the shell leaves room for a third on two cores
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--enable-precise-memory-info',
      ],
    },
  },
});
