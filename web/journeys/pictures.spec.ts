// Pictures of every screen, for people to look at: screenshots/ in the
// repository's root, which is not committed.

import type { Page } from '@playwright/test';
import { card, close, expect, full, test } from './journey';

test.describe.configure({ mode: 'parallel' });

const folder = '../screenshots';
const sizes = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
];

for (const { name, viewport } of sizes) {
  for (const locale of ['zh-CN', 'en']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      // Of the eight, four have every language, theme and size with every other.
      if (!full && ((name === 'phone') === (locale === 'en')) !== (colorScheme === 'dark')) {
        continue;
      }
      test(`${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
        const words = locale === 'en' ? en : zh;
        const organization = locale === 'en' ? tidings.second : tidings.first;
        const reader = organization.users.find((u) => ['linxiaoyu', 'dkowalski'].includes(u.userid));
        const app = await tidings.app(organization);
        await app.text(reader as never, `${words.news} https://news.example.com/daily?edition=7`);
        const page = await signedIn(reader as never, {
          viewport,
          locale,
          colorScheme,
          deviceScaleFactor: name === 'phone' ? 2 : 1,
        });
        await expect(page.locator('.row-card').last()).toBeVisible();
        const take = (what: string) => shot(page, `${what}-${name}-${locale.slice(0, 2)}-${colorScheme}`);
        await take('inbox');
        await page.locator('.account-button').click();
        await take('menu');
        await page.getByRole('button', { name: words.devices }).click();
        await expect(page.locator('.devices li').first()).toBeVisible();
        await take('devices');
        await close(page);
        await page.locator('.account-button').click();
        await page.getByRole('button', { name: words.signOut }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await take('sign-out');
        await close(page);
        await page.goto(organization.users.find((u) => u !== reader)?.sign_in_url as string);
        await page.getByRole('button', { name: words.stay }).waitFor();
        await take('switching');
        await page.goto(`${tidings.base}/#sign-in=tdl_1_used`);
        await page.locator('.used-link').waitFor();
        await take('used-link');
        await card(page, words.news).locator('a').click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await take('leaving');
        await page.context().clearCookies();
        await page.goto(`${tidings.base}/`);
        await expect(page.getByRole('heading', { name: words.out })).toBeVisible();
        await take('out');
      });
    }
  }
}

const zh = { news: '今日行业要闻：', devices: '登录设备', out: '尚未登录', signOut: '退出登录', stay: /^继续使用/ };
const en = {
  news: 'Today in our trade:',
  devices: 'Signed-in devices',
  out: 'You are not signed in',
  signOut: 'Sign out',
  stay: /^Continue as/,
};

// The cursor is out of the way, and what moves has come to rest.
async function shot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((a) => a.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((a) => a.finished),
    ),
  );
  await page.screenshot({ path: `${folder}/${name}.png` });
}
