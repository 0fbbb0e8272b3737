// How the stream looks while one reads it: heads, days, tall cards, the way back.

import type { Locator, Page } from '@playwright/test';
import { card, expect, lookAway, some, test, texts } from './journey';

const long = '请各部门于本周五前完成年度资产盘点，核对设备编号、使用人与存放地点。'.repeat(30);

test('cards of one app share a head, and unread shows at their edge', async ({ tidings, signedIn }) => {
  const ann = tidings.person(27);
  const app = await tidings.app();
  const other = await tidings.newApp('另一个应用');
  const page = await signedIn(ann);
  await lookAway(page);
  await app.text(ann, '同一应用一');
  await app.text(ann, '同一应用二');
  await other.text(ann, '别的应用');
  await app.text(ann, '同一应用三');
  const head = (text: string) => card(page, text).locator('.card-head');
  await expect(head('同一应用一')).toBeInViewport();
  expect((await head('同一应用二').boundingBox())?.height).toBeLessThan(2);
  expect((await head('别的应用').boundingBox())?.height).toBeGreaterThan(30);
  expect((await head('同一应用三').boundingBox())?.height).toBeGreaterThan(30);
  const edge = (text: string) =>
    card(page, text)
      .locator('.card')
      .evaluate((e) => getComputedStyle(e, '::before').opacity);
  await expect.poll(() => edge('同一应用三')).toBe('1');
  await page.reload(); // and looks at it again
  await expect.poll(() => edge('同一应用三')).toBe('0'); // once it was read
});

for (const viewport of some(
  [
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ],
  0,
)) {
  test(`a tall card is folded and unfolds in place, ${viewport.width} pixels`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(29);
    const app = await tidings.app();
    const page = await signedIn(ann, { viewport });
    await app.text(ann, `折叠 ${viewport.width} ${long}`);
    const tall = card(page, `折叠 ${viewport.width}`);
    await expect(tall).toBeInViewport();
    expect((await tall.boundingBox())?.height).toBeLessThan(460);
    const top = await settled(page, tall);
    await tall.getByRole('button', { name: '展开全文' }).click();
    await expect.poll(async () => (await tall.boundingBox())?.height).toBeGreaterThan(600);
    expect(await settled(page, tall)).toBeCloseTo(top, 0);
    await expect(page.locator('.below')).toBeVisible();
    // Only its end is in sight when it is folded again: it comes back into sight.
    await texts(app, ann, 20, `折叠之后 ${viewport.width}`);
    await expect(page.locator('.below')).toHaveText('20 条新消息');
    const again = tall.getByRole('button', { name: '收起' });
    await again.evaluate((button) => button.scrollIntoView({ block: 'start' }));
    await settled(page, tall);
    await expect(tall).not.toBeInViewport({ ratio: 0.2 });
    await again.click();
    await expect.poll(async () => (await tall.boundingBox())?.height).toBeLessThan(460);
    await expect(tall).toBeInViewport({ ratio: 0.8 });
  });
}

/** Where an element's top is once nothing moves it any more. */
async function settled(page: Page, what: Locator): Promise<number> {
  let before = Number.NaN;
  await expect
    .poll(async () => {
      const now = (await what.boundingBox())?.y ?? Number.NaN;
      const same = now === before;
      before = now;
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      return same;
    })
    .toBe(true);
  return before;
}
