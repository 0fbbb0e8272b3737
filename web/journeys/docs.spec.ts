// The pictures of docs/. Nothing is checked: make pictures walks here, make test
// does not.

import { expect, test } from './journey';

const folder = '../docs';

if (process.env.DOCS) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every message type and template kind, ${colorScheme}`, async ({ browser, gallery }) => {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: 'en',
        colorScheme,
        deviceScaleFactor: 2,
      });
      const page = await context.newPage();
      await page.goto(gallery);
      const shown = page.locator('[data-name]');
      await expect(shown.last()).toBeVisible();
      for (const one of await shown.all()) {
        await one.scrollIntoViewIfNeeded();
        for (const picture of await one.locator('img').all()) {
          await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete)).toBe(true);
        }
        const name = await one.getAttribute('data-name');
        await one.screenshot({ path: `${folder}/gallery/${name}-${colorScheme}.png`, animations: 'disabled' });
      }
      await context.close();
    });
  }
}
