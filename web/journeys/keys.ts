// A reader without a mouse: what they press, and what they must see meanwhile.

import type { Page } from '@playwright/test';
import { expect } from './journey';

const most = 120; // stops before something is said to be out of reach

/** Presses the tabulator until what is looked for has the focus. Each stop on the way shows that it has it. */
export async function tabTo(page: Page, what: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(page.locator(what).first()).toBeAttached();
  await press(page, key, what, () => page.evaluate((selector) => !!document.activeElement?.matches(selector), what));
}

/**
 * The same to a button in whose text the name is. A name may be a moment behind,
 * such as in a language that was just chosen: a menu is left at once by going past its end.
 */
export async function tabToNamed(page: Page, name: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(page.locator('button').filter({ hasText: name }).first()).toBeAttached();
  await press(page, key, name, () =>
    page.evaluate((text) => {
      const active = document.activeElement;
      return active instanceof HTMLButtonElement && (active.textContent ?? '').trim().includes(text);
    }, name),
  );
}

async function press(page: Page, key: string, what: string, there: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < most; n++) {
    await page.keyboard.press(key);
    expect(await hidden(page)).toEqual([]);
    if (await there()) {
      return;
    }
  }
  throw new Error(`the tabulator does not reach ${what}`);
}

/** Goes to something and presses Enter. */
export async function enter(page: Page, what: string): Promise<void> {
  await tabTo(page, what);
  await page.keyboard.press('Enter');
}

/** What is wrong with how the focus shows; nothing while no element of the page has it. */
export function hidden(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const active = document.activeElement as HTMLElement | null;
    if (!active || active === document.body || active.tagName === 'IFRAME') {
      return [];
    }
    const name = `${active.tagName}.${active.className} ${active.textContent?.slice(0, 20)}`;
    const wrong: string[] = [];
    if (!active.matches(':focus-visible')) {
      wrong.push(`not :focus-visible: ${name}`);
    }
    const rings = [getComputedStyle(active), getComputedStyle(active, '::after')];
    if (!rings.some((s) => s.outlineStyle !== 'none' && Number.parseFloat(s.outlineWidth) >= 2)) {
      wrong.push(`no outline: ${name}`);
    }
    // Its middle is on the screen, and nothing lies over it.
    const box = active.getClientRects()[0] ?? active.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const there = document.elementFromPoint(x, y);
    if (!there || !(active.contains(there) || there.contains(active))) {
      wrong.push(`out of sight at ${Math.round(x)}, ${Math.round(y)}, behind ${there?.className}: ${name}`);
    }
    return wrong;
  });
}
