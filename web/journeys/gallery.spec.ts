// Every card at its extremes: nothing sticks out, axe finds nothing, and a
// picture is there to be looked at.

import type { Page } from '@playwright/test';
import { expect, full, test, violations } from './journey';

/** Waits for all pictures, also those further down. */
async function loaded(page: Page): Promise<void> {
  await page.locator('.card img').evaluateAll((all) =>
    Promise.all(
      (all as HTMLImageElement[]).map((img) => {
        img.loading = 'eager';
        return img.decode().catch(() => undefined);
      }),
    ),
  );
}

/** The numbers on cards that run over two lines, but for those longer than a line. */
function brokenNumbers(page: Page): Promise<string[]> {
  return page.locator('.card-body').evaluateAll((bodies) => {
    const broken: string[] = [];
    for (const body of bodies) {
      const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      for (let n = walker.nextNode(); n; n = walker.nextNode()) {
        for (const found of (n.textContent ?? '').matchAll(/[¥$+-]?\d[\d.,:-]{2,}%?/g)) {
          const range = document.createRange();
          range.setStart(n, found.index);
          range.setEnd(n, found.index + found[0].length);
          if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) {
            broken.push(found[0]);
          }
        }
      }
    }
    return broken;
  });
}

test('an uploaded picture has its room before it is there', async ({ page, gallery }) => {
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route('**/media/*.svg', (route) => held.then(() => route.continue()));
  await page.goto(gallery, { waitUntil: 'commit' });
  const uploads = page.locator('.card img[width]');
  await expect(uploads.first()).toBeAttached();
  const sizes = () => uploads.evaluateAll((all) => all.map((e) => [e.clientWidth, e.clientHeight]));
  const before = await sizes();
  go();
  await loaded(page);
  expect(await sizes()).toEqual(before);
  expect(before.length).toBeGreaterThan(3);
});

/** Of everything on the cards: its size, its colours and its frame. */
function looks(page: Page): Promise<string[]> {
  return page.locator('.card, .card *').evaluateAll((all) => {
    for (const e of all) {
      if (e instanceof HTMLDetailsElement) {
        e.open = true; // the browser need not lay out what a closed one holds
      }
    }
    return all.map((e) => {
      const [box, style] = [e.getBoundingClientRect(), getComputedStyle(e)];
      const { color, backgroundColor, padding, borderWidth, fontWeight, fontSize } = style;
      return [
        e.tagName,
        e.className,
        box.width,
        box.height,
        color,
        backgroundColor,
        padding,
        borderWidth,
        fontWeight,
        fontSize,
      ].join(' ');
    });
  });
}

test('cards count on nothing their page says of elements', async ({ page, gallery }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' }); // colours change at once
  await page.goto(gallery);
  await expect(page.locator('.td-missing').first()).toBeVisible();
  await loaded(page);
  await page.addStyleTag({ content: 'html { font: 400 14px / 1.6 var(--font) } body { margin: 0; overflow: auto }' });
  const before = await looks(page);
  await page.evaluate(() => document.querySelector('style[data-vite-dev-id$="/inbox/base.css"]')?.remove());
  await expect(page.locator('body > #app')).not.toHaveCSS('box-sizing', 'border-box');
  expect(await looks(page)).toEqual(before);
});

test('a part of the page may have the other theme', async ({ page, gallery }) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' }); // colours change at once
  await page.goto(gallery);
  await expect(page.locator('.td-missing').first()).toBeVisible();
  await loaded(page);
  const dark = await looks(page);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  const light = await looks(page);
  expect(light).not.toEqual(dark);
  const part = page.locator('.gallery');
  await part.evaluate((e) => e.setAttribute('data-theme', 'dark'));
  expect(await looks(page)).toEqual(dark);
  await expect(page.locator('html')).toHaveCSS('background-color', 'rgb(245, 246, 248)');
  await page.emulateMedia({ colorScheme: 'dark' });
  await part.evaluate((e) => e.setAttribute('data-theme', 'light'));
  expect(await looks(page)).toEqual(light);
});

for (const width of [390, 1440]) {
  for (const locale of ['zh-CN', 'en']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      // By day each language, theme and size once.
      if (!full && !['390 en dark', '1440 zh-CN light'].includes(`${width} ${locale} ${colorScheme}`)) {
        continue;
      }
      test(`${width} pixels, ${locale}, ${colorScheme}`, async ({ browser, contextOptions, gallery }) => {
        test.slow();
        const context = await browser.newContext({
          ...contextOptions,
          viewport: { width, height: 900 },
          locale,
          colorScheme,
        });
        const page = await context.newPage();
        await page.goto(gallery);
        await expect(page.locator('.card').last()).toBeVisible();
        // Pictures of foreign hosts cannot load here; each leaves its sign.
        await expect(page.locator('.td-missing').first()).toBeVisible();
        await loaded(page);
        const wide = await page.locator('.card *').evaluateAll((all) =>
          all
            .filter((e) => {
              const card = e.closest('.card')?.getBoundingClientRect();
              const box = e.getBoundingClientRect();
              return (
                card &&
                !e.parentElement?.closest('.td-table') &&
                box.width > 0 &&
                (box.right > card.right + 1 || box.left < card.left - 1)
              );
            })
            .map((e) => `${e.tagName}.${e.className} in ${e.closest('.card')?.textContent?.slice(0, 30)}`),
        );
        expect(wide).toEqual([]);
        expect(await brokenNumbers(page)).toEqual([]);
        // What axe looks for depends on the theme most.
        if (full || locale === 'en') {
          expect(await violations(page, '.gallery')).toEqual([]);
        }
        const name = width < 720 ? 'phone' : 'desktop';
        await page.screenshot({
          path: `../screenshots/cards-${name}-${locale.slice(0, 2)}-${colorScheme}.png`,
          fullPage: true,
        });
        await context.close();
      });
    }
  }
}
