// The server dies under open pages and comes back: nothing is missing, doubled
// or out of order.

import type { BrowserContext } from '@playwright/test';
import { expect, full, test } from './journey';
import { Tidings } from './tidings';

test('kill -9 under two readers', async ({ browser, contextOptions }) => {
  test.slow();
  const tidings = await Tidings.start();
  const contexts: BrowserContext[] = [];
  try {
    const people = [tidings.person(8), tidings.person(9)];
    const app = await tidings.app();
    const pages = await Promise.all(
      people.map(async (person) => {
        const context = await browser.newContext(contextOptions);
        contexts.push(context);
        const page = await context.newPage();
        await page.goto(person.sign_in_url);
        await page.locator('.chat').waitFor();
        return page;
      }),
    );
    const accepted: string[] = [];
    const kills = full ? 3 : 1;
    for (let round = 0; round <= kills; round++) {
      for (let n = 0; n < 5; n++) {
        const text = `崩溃 ${round}-${n}`;
        await app.text(people, text);
        accepted.push(text);
      }
      if (round < kills) {
        await tidings.kill();
        for (const page of pages) {
          await expect(page.locator('.live')).toHaveAttribute('data-shown', 'true');
        }
        await tidings.run();
      }
    }
    for (const page of pages) {
      await expect(page.locator('.live')).toHaveAttribute('data-shown', 'false', { timeout: 30_000 });
      await expect(page.locator('.row-card').last()).toContainText(accepted.at(-1) as string);
      await expect(async () => {
        await page.locator('.scroller').evaluate((view) => view.scrollTo(0, 0));
        await expect(page.getByText('没有更早的消息')).toBeInViewport({ timeout: 500 });
      }).toPass();
      // Only what is near the screen is in the document: walk through all of it.
      const shown = await page.evaluate(async () => {
        const view = document.querySelector('.scroller') as HTMLElement;
        const seen = new Map<string, string>();
        const order: string[] = [];
        view.scrollTop = 0;
        for (;;) {
          await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
          for (const row of document.querySelectorAll<HTMLElement>('.row-card')) {
            const id = row.dataset.message as string;
            if (!seen.has(id)) {
              seen.set(id, row.querySelector('.card-body')?.textContent ?? '');
              order.push(id);
            }
          }
          if (view.scrollTop + view.clientHeight >= view.scrollHeight - 2) {
            return order.map((id) => seen.get(id) ?? '');
          }
          view.scrollTop += 120;
        }
      });
      expect(shown.filter((text) => text.startsWith('崩溃'))).toEqual(accepted);
    }
  } finally {
    await Promise.all(contexts.map((context) => context.close())); // else they would look for it for ever
    await tidings.stop();
  }
});
