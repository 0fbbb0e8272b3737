// How the console is pictured: screenshots/ in the repository's root, which is not
// committed, for people to look at.

import { type BrowserContextOptions, expect, type Page } from '@playwright/test';
import { full } from './journey';

export interface Look {
  name: 'phone' | 'desktop';
  viewport: { width: number; height: number };
  locale: 'zh-CN' | 'en';
  colorScheme: 'light' | 'dark';
}

const sizes = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
] as const;

const all: Look[] = sizes.flatMap((size) =>
  (['zh-CN', 'en'] as const).flatMap((locale) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ ...size, locale, colorScheme })),
  ),
);

/** All of them at full length, else one. */
export const looks = full
  ? all
  : all.filter((one) => one.name === 'desktop' && one.locale === 'en' && one.colorScheme === 'dark');

/** The look as a browser has it. */
export function seenAs({ name, viewport, locale, colorScheme }: Look): BrowserContextOptions {
  return { viewport, locale, colorScheme, deviceScaleFactor: name === 'phone' ? 2 : 1 };
}

export async function picture(page: Page, what: string, look: Look, fullPage = false): Promise<void> {
  const { name, locale, colorScheme, viewport } = look;
  if (fullPage) {
    await page.evaluate(() => scrollTo(0, 0)); // what stays in sight stands where it does at first
  }
  await page.screenshot({
    fullPage,
    path: `../screenshots/console-${what}-${name}-${locale.slice(0, 2)}-${colorScheme}.png`,
    animations: 'disabled',
  });
  // Nothing of it is reached by scrolling sideways.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
}
