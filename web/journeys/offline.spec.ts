// Without a network, and back; and what is there before any script has run.

import { card, expect, some, test } from './journey';

for (const viewport of some(
  [
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ],
  0,
)) {
  test(`what failed without a network heals with it, ${viewport.width} pixels`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(viewport.width === 390 ? 44 : 45);
    const name = `断网 ${viewport.width}`;
    const app = await tidings.newApp(name);
    await app.text(ann, '断网之前');
    const page = await signedIn(ann, { viewport });
    const choice = page.locator('.choice').filter({ hasText: name });
    await expect(choice).toBeVisible(); // what is filtered by has been loaded
    await page.context().setOffline(true);
    await expect(page.locator('.live')).toHaveText('网络已断开', { timeout: 1000 });
    await choice.click();
    await expect(page.getByRole('button', { name: '重试' })).toBeVisible();
    await app.text(ann, '断网之后');
    await page.context().setOffline(false);
    await expect(card(page, '断网之后')).toBeVisible({ timeout: 5000 });
    await expect(page.locator('.live')).toHaveText('');
    await app.text(ann, '又连上了');
    await expect(card(page, '又连上了')).toBeVisible();
  });
}

test('a chosen dark theme is there before the app is', async ({ tidings, signedIn }) => {
  const page = await signedIn(tidings.person(46), { colorScheme: 'light' });
  await page.evaluate(() => localStorage.setItem('tidings.theme', 'dark'));
  await page.route('**/assets/build/index-*.js', (route) => route.abort());
  await page.goto(`${tidings.base}/`);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(17, 19, 21)');
  await expect(page.locator('meta[name="theme-color"]')).toHaveCount(2);
  for (const meta of await page.locator('meta[name="theme-color"]').all()) {
    await expect(meta).toHaveAttribute('content', '#1B1E21');
  }
});
