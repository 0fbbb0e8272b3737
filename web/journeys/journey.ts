// What every journey begins with: a server, and people signed in to it.

import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, test as base, type Page } from '@playwright/test';
import { Gallery } from './gallery';
import { type App, type Person, Tidings } from './tidings';

/** Whether every combination is tried: at night, and before a release. */
export const full = !!process.env.FULL;

/** All of them at full length; by day the one at a place: each journey is walked once. */
export function some<T>(all: readonly T[], byDay: number): readonly T[] {
  return full ? all : all.slice(byDay, byDay + 1);
}

interface Given {
  /** A server shared by the journeys of one worker. */
  tidings: Tidings;
  /** Where the gallery of cards is served. */
  gallery: string;
}

interface Each {
  /** Opens a browser of somebody's own, signed in. */
  signedIn: (person: Person, options?: Parameters<Browser['newContext']>[0]) => Promise<Page>;
}

type Browser = { newContext: (options?: object) => Promise<BrowserContext> };

export const test = base.extend<Each, Given>({
  tidings: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
    async ({}, use) => {
      const t = await Tidings.start();
      await use(t);
      await t.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  gallery: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
    async ({}, use) => {
      const served = await Gallery.start();
      await use(served.address);
      served.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  signedIn: async ({ browser, contextOptions }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person, options) => {
      const context = await browser.newContext({ ...contextOptions, ...options });
      contexts.push(context);
      const page = await context.newPage();
      // As the page does with a link, without loading it twice.
      const address = new URL(person.sign_in_url);
      const link = address.hash.replace('#sign-in=', '');
      const { corp_id } = await (
        await context.request.post(`${address.origin}/api/v1/sessions`, { data: { link, replace: false } })
      ).json();
      await page.goto(`${address.origin}/?org=${corp_id}`, { waitUntil: 'commit' });
      await page.locator('.chat').waitFor();
      return page;
    });
    for (const context of contexts) {
      await context.close();
    }
  },
});

export { expect } from '@playwright/test';

/** The card of a message by something it says. */
export function card(page: Page, text: string) {
  return page.locator('.row-card').filter({ hasText: text });
}

/** How many messages are unread, as the page says: '' for none. */
export async function badge(page: Page): Promise<string> {
  const shown = page.locator('.choice').first().locator('.badge [aria-hidden]');
  return (await shown.allTextContents()).join('');
}

/** Takes the focus away, so that nothing is read on sight. */
export async function lookAway(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event('blur'));
  });
}

/** Sends so many texts, several at a time; each ends with its number, from 1 on. */
export async function texts(app: App, to: Person, count: number, words: string): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n + 1);
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
      await app.text(to, `${words} ${n}`);
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker)); // one commit holds many
}

/** What axe finds on the page, or within a part of it; it does not look into frames. */
export async function violations(page: Page, within = 'html'): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).include(within).setLegacyMode().analyze();
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary ?? ''}`));
}

/** Closes what lies over the page, and waits until its entry of the history is gone too. */
export async function close(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !history.state?.over);
}

/** Says what was measured; nothing is asserted of it. */
export function figure(name: string, value: string): void {
  process.stdout.write(`      ${name}: ${value}\n`);
}

/** A picture of one colour. */
export async function png(page: Page, width: number, height: number): Promise<Buffer> {
  const address = await page.evaluate(
    ([w, h]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
      const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
      pen.fillStyle = '#3f7ae0';
      pen.fillRect(0, 0, w, h);
      return canvas.toDataURL('image/png');
    },
    [width, height] as const,
  );
  return Buffer.from(address.split(',')[1] ?? '', 'base64');
}
