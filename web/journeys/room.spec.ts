// Room for everything: what stands around the cards lies over the text of none.

import type { Page } from '@playwright/test';
import { Elsewhere } from './elsewhere';
import { card, expect, lookAway, some, test, texts } from './journey';

for (const viewport of some(
  [
    { width: 390, height: 844 },
    { width: 768, height: 1024 },
    { width: 1440, height: 900 },
  ],
  0,
)) {
  test(`the day and the ways up and down cover no text, ${viewport.width} pixels`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(28);
    const app = await tidings.newApp(`机房 ${viewport.width}`);
    const page = await signedIn(ann, { viewport });
    await lookAway(page);
    await texts(app, ann, 30, `${'温度偏高，请检查空调与风道。'.repeat(6)} ${viewport.width}`);
    await expect(page.locator('.above')).toHaveText(/^\d+\+? 条未读$/);
    await expect(page.locator('.below')).toHaveCount(0);
    await atRest(page);
    expect(await covered(page)).toEqual([]);
    await expect(day(page)).toHaveText('今天');

    // In the middle both ways are there.
    await page.locator('.scroller').hover();
    await page.mouse.wheel(0, -900);
    await expect(page.locator('.below')).toHaveText('回到最新消息');
    await expect(page.locator('.above')).toBeVisible();
    await atRest(page);
    expect(await covered(page)).toEqual([]);
    await expect(day(page)).toHaveText('今天');
    await app.text(ann, `又来一条 ${viewport.width}`);
    await expect(page.locator('.below')).toHaveText('1 条新消息');
    await atRest(page);
    expect(await covered(page)).toEqual([]);

    // Down again, and the newest stays in sight although its row goes.
    await page.locator('.below').click();
    await expect(page.locator('.below')).toHaveCount(0);
    await expect(card(page, `又来一条 ${viewport.width}`)).toBeInViewport({ ratio: 1 });

    // At the line one comes back to.
    await page.goto('about:blank');
    await texts(app, ann, 12, '离开以后 '.repeat(20));
    await page.goto(`${tidings.base}/`);
    await lookAway(page);
    await expect(page.locator('.new-line')).toBeInViewport();
    await atRest(page);
    expect(await covered(page)).toEqual([]);
  });
}

test('the day is said once where its own line is in sight', async ({ tidings, signedIn }) => {
  const ann = tidings.person(57);
  const app = await tidings.newApp('今日');
  await app.text(ann, '今日一条');
  const page = await signedIn(ann);
  const choose = (name: string) => page.locator('.choice').filter({ hasText: name }).click();
  for (let n = 0; n < 5; n++) {
    await choose('全部消息');
    await expect(page.locator('.row-card').nth(1)).toBeAttached();
    await choose('今日');
    await expect(page.locator('.row-card')).toHaveCount(1);
    await atRest(page);
    await expect(page.locator('.day')).toHaveText('今天');
    expect(await page.locator('.day-now').count()).toBe(0);
  }
  await texts(app, ann, 12, '温度偏高，请检查空调与风道。'.repeat(6));
  await expect(page.locator('.day-now')).toHaveText('今天');
});

test('a narrow stream beside a panel covers no text either', async ({ tidings, signedIn }) => {
  const ann = tidings.person(29);
  const app = await tidings.newApp('旁边');
  const beside = await Elsewhere.start('127.0.0.2');
  await tidings.admin('org', 'update', tidings.first.corp_id, '--trusted-hosts', beside.base);
  const page = await signedIn(ann);
  await lookAway(page);
  await texts(app, ann, 12, '温度偏高，请检查空调与风道。'.repeat(6));
  const url = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(`${beside.base}/page`)}&pc_slide=true`;
  await app.send(ann, {
    msgtype: 'action_card',
    action_card: { title: '侧边', markdown: '在侧边打开', single_title: '填写', single_url: url },
  });
  await page.getByRole('link', { name: '填写' }).click();
  await expect(page.locator('.side')).toBeVisible();
  await page.locator('.scroller').hover();
  await page.mouse.wheel(0, -500);
  await expect(page.locator('.below')).toBeVisible();
  await expect(page.locator('.above')).toBeVisible();
  await expect(day(page)).toHaveText('今天');
  await atRest(page);
  expect(await covered(page)).toEqual([]);
  await beside.stop();
});

test('the newest stays in sight when the screen shrinks', async ({ tidings, signedIn }) => {
  const ann = tidings.person(29);
  const app = await tidings.newApp('窗口');
  const page = await signedIn(ann);
  await lookAway(page); // whatever changes would bring the newest back
  await texts(app, ann, 8, '温度偏高，请检查空调与风道。'.repeat(6));
  await app.text(ann, '最后一条');
  await expect(card(page, '最后一条')).toBeInViewport({ ratio: 1 });
  for (const viewport of [
    { width: 1440, height: 500 },
    { width: 390, height: 844 },
    { width: 844, height: 390 },
  ]) {
    await page.setViewportSize(viewport);
    await expect(card(page, '最后一条')).toBeInViewport({ ratio: 1 });
    await expect(page.locator('.below')).toHaveCount(0);
  }
});

test('the chosen app stays in sight when counts come before it, until the row is moved', async ({
  tidings,
  signedIn,
}) => {
  const ann = tidings.person(47);
  const [chosen, ...others] = await Promise.all(['考勤', '差旅', '合同', '门禁', '邮件'].map((n) => tidings.newApp(n)));
  let sent = 0;
  const all = () => Promise.all(others.map((app) => app.text(ann, `第 ${++sent} 条`)));
  await chosen?.text(ann, '打卡提醒');
  await all();
  const page = await signedIn(ann, { viewport: { width: 390, height: 844 } });
  await expect(card(page, '第 4 条')).toBeVisible();
  await expect(page.locator('.card[data-unread="true"]').filter({ hasText: /第|打卡/ })).toHaveCount(0); // read on sight
  const chip = page.locator('.choice').filter({ hasText: '考勤' });
  await chip.click();
  await page.reload();
  await expect(card(page, '打卡提醒')).toBeVisible();
  await expect(chip).toBeInViewport({ ratio: 1 });
  const left = () => chip.evaluate((e) => (e as HTMLElement).offsetLeft);
  const before = await left();
  await all();
  await expect.poll(left).toBeGreaterThan(before + 60);
  await expect(chip).toBeInViewport({ ratio: 1 });

  const row = page.locator('.filter');
  await row.hover();
  await page.mouse.wheel(-2000, 0);
  await expect.poll(() => row.evaluate((e) => e.scrollLeft)).toBe(0);
  for (let n = 0; n < 9; n++) {
    await all(); // to two digits
  }
  await expect(page.locator('.choice').filter({ hasText: '差旅' }).locator('.badge [aria-hidden]')).toHaveText('10');
  expect(await row.evaluate((e) => e.scrollLeft)).toBe(0);
});

/** Where the day of what is at the top is shown: beside the cards or in the head. */
function day(page: Page) {
  return page.locator('.day-now, .head-day').filter({ visible: true }).first();
}

/** Waits until nothing moves any more. */
async function atRest(page: Page): Promise<void> {
  const place = () =>
    page.evaluate(async () => {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      await Promise.allSettled(document.getAnimations().map((a) => a.finished));
      return document.querySelector('.scroller')?.scrollTop;
    });
  await expect
    .poll(async () => {
      const before = await place();
      return (await place()) === before;
    })
    .toBe(true);
}

/** What lies over the text of a card, of all that is not in the stream itself. */
function covered(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const view = document.querySelector('.scroller') as HTMLElement;
    const frame = view.getBoundingClientRect();
    const around = [...document.querySelectorAll<HTMLElement>('.chat *')].filter(
      (e) => !view.contains(e) && !e.contains(view) && !e.closest('.unseen') && e.offsetWidth * e.offsetHeight > 0,
    );
    const found: string[] = [];
    for (const body of view.querySelectorAll('.card-body, .card[data-joined="false"] .card-head')) {
      const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const r of range.getClientRects()) {
          const [top, bottom] = [Math.max(r.top, frame.top), Math.min(r.bottom, frame.bottom)];
          const over = around.find((e) => {
            const b = e.getBoundingClientRect();
            return b.left < r.right && b.right > r.left && b.top < bottom && b.bottom > top;
          });
          if (over && top < bottom) {
            found.push(`${over.className} over ${node.textContent?.slice(0, 20)}`);
          }
        }
      }
    }
    return [...new Set(found)];
  });
}
