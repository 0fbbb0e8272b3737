// A card in a reader's hands: its pictures, its text, what opens as a whole.

import type { Locator, Page } from '@playwright/test';
import { Elsewhere } from './elsewhere';
import { card, expect, full, png, some, test, violations } from './journey';

let trusted: Elsewhere;

test.beforeAll(async ({ tidings }) => {
  trusted = await Elsewhere.start('127.0.0.2');
  await tidings.admin('org', 'update', tidings.first.corp_id, '--trusted-hosts', trusted.base);
});

test.afterAll(() => trusted.stop());

const oa = (url: string, body: object) => ({
  msgtype: 'oa',
  oa: { message_url: url, head: { bgcolor: 'FFBBBBBB', text: '报销' }, body },
});

for (const viewport of some(
  [
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ],
  1,
)) {
  test(`a large picture stays inside its card and can be enlarged, ${viewport.width} pixels`, async ({
    tidings,
    signedIn,
  }) => {
    const ann = tidings.person(viewport.width === 390 ? 23 : 24); // no card of the other size stands in the stream
    const app = await tidings.app();
    const page = await signedIn(ann, { viewport, deviceScaleFactor: 1 });
    const picture = await app.upload('image', 'receipt.png', await png(page, 1440, 1080));
    const text = `现场图 ${viewport.width}`;
    for (const [n, message] of [
      oa(`${trusted.base}/page`, { title: text, image: picture }),
      { msgtype: 'markdown', markdown: { title: text, text: `${text}\n\n![图](${picture})` } },
      { msgtype: 'image', image: { media_id: picture } },
    ].entries()) {
      await app.send(ann, message);
      const one = page.locator(`.card[data-type=${['oa', 'markdown', 'image'][n]}]`).last();
      const image = one.locator('img.td-picture');
      await expect(image).toHaveJSProperty('naturalWidth', 1440);
      const [inner, outer] = [await image.boundingBox(), await one.boundingBox()];
      expect(inner?.width).toBeGreaterThan(200);
      expect((inner?.x ?? 0) + (inner?.width ?? 9999)).toBeLessThanOrEqual((outer?.x ?? 0) + (outer?.width ?? 0));
      await image.click();
      await expect(page.getByRole('dialog').locator('img')).toHaveJSProperty('naturalWidth', 1440);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
    }
    expect(page.context().pages().length).toBe(1); // enlarging opened nothing
  });
}

test('the picture viewer fills the screen, is dragged, zoomed by keys, and has no finding of axe', async ({
  tidings,
  signedIn,
}) => {
  const ann = tidings.person(30);
  const app = await tidings.app();
  const page = await signedIn(ann);
  const media_id = await app.upload('image', 'plan.png', await png(page, 1440, 1080));
  await app.send(ann, { msgtype: 'image', image: { media_id } });
  await page.locator(`.card[data-type=image] img[src*="${media_id.slice(1)}"]`).click();
  const viewer = page.getByRole('dialog');
  const image = viewer.locator('img');
  await expect(image).toHaveJSProperty('naturalWidth', 1440);
  await expect.poll(() => viewer.boundingBox()).toEqual({ x: 0, y: 0, width: 1440, height: 900 }); // once it has opened
  expect(await violations(page, '.viewer')).toEqual([]);

  const width = async () => (await image.boundingBox())?.width ?? 0;
  await expect.poll(width).toBe(1200);
  await page.keyboard.press('+');
  await expect.poll(width).toBe(1800);
  const left = async () => (await image.boundingBox())?.x ?? 0;
  const before = await left();
  await page.keyboard.press('ArrowRight');
  await expect.poll(left).toBe(before - 80);
  await page.mouse.move(700, 400);
  await page.mouse.down();
  await page.mouse.move(740, 400, { steps: 4 });
  await page.mouse.up();
  await expect.poll(left).toBe(before - 40);
  await page.keyboard.press('0');
  await expect.poll(width).toBe(1200);
  const fingers = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...xs: number[]) =>
    fingers.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x, y: 450, id })) });
  await touch('touchStart', 600, 840);
  await touch('touchMove', 480, 960);
  await touch('touchEnd');
  await expect.poll(width).toBe(2400); // twice as far apart
  await page.keyboard.press('0');
  await image.click();
  await expect.poll(width).toBe(3000);
  await image.click({ position: { x: 1500, y: 1100 } });
  await expect.poll(width).toBe(1200);
  await page.mouse.click(30, 400); // beside it
  await expect(viewer).toHaveCount(0);
});

test('text of a card that opens as a whole can be copied, and the card opens all the same', async ({
  tidings,
  signedIn,
}) => {
  const ann = tidings.person(25);
  const app = await tidings.app();
  const page = await signedIn(ann);
  const form = [{ key: '单号：', value: 'BX-2026-0417' }];
  await app.send(ann, oa(`${trusted.base}/page`, { title: '可以复制', form, author: '财务' }));
  await app.send(ann, {
    msgtype: 'link',
    link: { messageUrl: `${trusted.base}/page`, picUrl: '@none', title: '链接', text: '暗号 7421' },
  });
  for (const value of ['BX-2026-0417', '暗号 7421']) {
    await select(page, value);
    expect(await page.evaluate(() => String(getSelection()))).toBe(value);
    await page.getByText(value).click(); // on what is selected: no more than that it is no longer
    expect(await page.evaluate(() => getSelection()?.isCollapsed)).toBe(true);
    expect(page.context().pages().length).toBe(1);

    // The headless shell of the day opens no tab for the other two.
    const ways: Parameters<Locator['click']>[0][] = full
      ? [{}, { button: 'middle' }, { modifiers: ['ControlOrMeta'] }]
      : [{}];
    for (const how of ways) {
      const opened = page.context().waitForEvent('page');
      await page.getByText(value).click(how);
      await expect((await opened).locator('h1')).toHaveText('elsewhere');
      expect(await (await opened).evaluate(() => window.opener)).toBeNull();
      await (await opened).close();
    }
    await page.getByText(value).click({ button: 'right' });
    expect(page.context().pages().length).toBe(1);
    await page.keyboard.press('Escape');
  }
});

test('the row of a file is the way to it', async ({ tidings, signedIn }) => {
  const ann = tidings.person(26);
  const app = await tidings.app();
  const page = await signedIn(ann);
  const media_id = await app.upload('file', '出差标准.pdf', Buffer.from('%PDF-1.4'));
  await app.send(ann, { msgtype: 'file', file: { media_id } });
  const row = card(page, '出差标准.pdf').locator('.td-attachment');
  for (const place of [row, row.locator('.file-name'), row.locator('.file-kind'), row.locator('a.download')]) {
    const download = page.waitForEvent('download');
    await place.click();
    expect((await download).suggestedFilename()).toBe('出差标准.pdf');
  }
});

/** Selects what an element says, as a reader does with a mouse. */
async function select(page: Page, text: string): Promise<void> {
  const box = await page.getByText(text).evaluate((e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    const { left, right, top, height } = range.getBoundingClientRect();
    return { left, right, middle: top + height / 2 };
  });
  await page.mouse.move(box.left + 1, box.middle);
  await page.mouse.down();
  await page.mouse.move(box.left + 20, box.middle);
  await page.mouse.move(box.right + 4, box.middle);
  await page.mouse.up();
}
