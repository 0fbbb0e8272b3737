// For everybody: no violation that axe knows, and everything by keyboard.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { close, expect, test } from './journey';

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary ?? ''}`));
}

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [390, 1440]) {
    test(`axe finds nothing, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
      test.slow();
      const ann = tidings.person(2);
      const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 844 } } as const;
      const page = await signedIn(ann, options);
      await expect(page.locator('.row-card').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);

      await page.locator('.account-button').click();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: '登录设备' }).click();
      await expect(page.locator('.devices li').first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await close(page);

      await page.goto(`${tidings.base}/?app=1`);
      await expect(page.getByText('还没有通知')).toBeVisible();
      expect(await violations(page)).toEqual([]);

      await page.locator('.account-button').click();
      await page.getByRole('button', { name: '退出登录' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.goto(tidings.person(3).sign_in_url);
      await expect(page.getByRole('heading', { name: '已有其他人登录' })).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.goto(`${tidings.base}/#sign-in=tdl_1_used`);
      await expect(page.locator('.used-link')).toBeVisible();
      expect(await violations(page)).toEqual([]);

      await page.context().clearCookies();
      await page.goto(`${tidings.base}/`);
      await expect(page.getByRole('heading', { name: '尚未登录' })).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });
  }
}

test('everything by keyboard', async ({ tidings, signedIn }) => {
  const ann = tidings.person(23);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await app.text(ann, '键盘 https://news.example.com/a');
  await expect(page.locator('.row-card').last()).toContainText('键盘');
  const tabTo = async (what: string) => {
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((selector) => document.activeElement?.matches(selector), what)) {
        // What has the focus shows it.
        const outline = await page.evaluate(() => {
          const active = document.activeElement as HTMLElement;
          return getComputedStyle(active).outlineStyle + getComputedStyle(active, '::after').outlineStyle;
        });
        expect(outline).not.toBe('nonenone');
        return;
      }
    }
    throw new Error(`the tabulator does not reach ${what}`);
  };

  await tabTo('a[data-host="news.example.com"]');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await close(page);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.locator('a[data-host="news.example.com"]')).toBeFocused();

  await tabTo('.account-button');
  await page.keyboard.press('Enter');
  await tabTo('.option[aria-pressed="false"]');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'All messages' })).toBeVisible();
  await close(page);
  await expect(page.locator('.menu')).toHaveCount(0);
  await expect(page.locator('.account-button')).toBeFocused();

  await tabTo('.scroller');
  await page.keyboard.press('PageUp');
  await tabTo('.choice');
  await page.keyboard.press('Enter');
  await expect(page.locator('.choice[aria-pressed="true"]')).toBeFocused();
});
