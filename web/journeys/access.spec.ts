// For everybody: no violation that axe knows, nothing that is wider than the window, and
// nothing against the page's policy.

import type { Page } from '@playwright/test';
import { watched } from './console';
import { close, expect, violations as found, some, test } from './journey';

test.describe.configure({ mode: 'parallel' });

/** What axe finds, and what can only be reached by scrolling sideways. */
async function violations(page: Page): Promise<string[]> {
  const wider = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('.scroller')]
      .filter((e) => e.scrollWidth > e.clientWidth)
      .map((e) => `${e.nodeName} ${e.className}: ${e.scrollWidth} pixels in ${e.clientWidth}`),
  );
  return [...(await found(page)), ...wider];
}

// Each theme and each size.
const combinations = some(
  [
    { scheme: 'light', width: 390 },
    { scheme: 'dark', width: 1440 },
    { scheme: 'light', width: 1440 },
    { scheme: 'dark', width: 390 },
  ] as const,
  0,
);

for (const { scheme, width } of combinations) {
  test(`axe finds nothing, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    test.slow();
    const ann = tidings.person(2);
    const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 844 } } as const;
    const page = await signedIn(ann, options);
    const seen = watched(page, tidings.base);
    await page.reload();
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
    expect(seen).toEqual([]);
  });
}
