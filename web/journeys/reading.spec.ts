// Finding one's way: older messages, one app's messages, marking all as read.

import { badge, card, expect, test } from './journey';

test('older messages come on scrolling up, and nothing jumps', async ({ tidings, signedIn }) => {
  test.slow();
  const ann = tidings.person(14);
  const app = await tidings.newApp('历史');
  await app.text(ann, '历史最早的一条'); // the others come in any order
  for (let n = 0; n < 180; n += 20) {
    await Promise.all(
      [...Array(20).keys()].map((k) => app.text(ann, `历史 ${n + k} ${'长短不一。'.repeat((n + k) % 9)}`)),
    );
  }
  const page = await signedIn(ann);
  const view = page.locator('.scroller');
  await expect.poll(() => view.evaluate((v) => v.scrollHeight - v.scrollTop - v.clientHeight)).toBeLessThan(2);
  // Scrolling up, what is on the screen only ever moves down.
  await view.evaluate(() => {
    const wrong: string[] = [];
    Object.assign(window, { wrong });
    let last: { card: HTMLElement; top: number } | undefined;
    const look = () => {
      const before = last;
      if (before?.card.isConnected) {
        const moved = before.card.getBoundingClientRect().top - before.top;
        if (moved < -2) {
          wrong.push(`${before.card.textContent?.slice(0, 20)} by ${moved}`);
        }
      }
      const card = document.elementFromPoint(innerWidth / 2 + 60, innerHeight / 2)?.closest<HTMLElement>('.row-card');
      last = card ? { card, top: card.getBoundingClientRect().top } : undefined;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  // Not by a wheel: its ticks reach the screen ahead of the page's own work,
  // and one that is taken back looks like a jump.
  await view.evaluate(async (v) => {
    for (let n = 0; n < 120; n++) {
      v.scrollTop -= 300;
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    }
  });
  expect(await page.evaluate(() => (window as unknown as { wrong: string[] }).wrong)).toEqual([]);
  await view.evaluate((v) => v.scrollTo(0, 0));
  await expect(page.getByText('没有更早的消息')).toBeVisible();
  await expect(card(page, '历史最早的一条')).toBeVisible();

  // A message that comes meanwhile moves nothing and is counted.
  await app.text(ann, '新到一条');
  await expect(page.locator('.below')).toHaveText('1 条新消息');
  await page.locator('.below').click();
  await expect(card(page, '新到一条')).toBeVisible();
  await expect(page.locator('.below')).toHaveCount(0);
});

test('one app at a time', async ({ tidings, signedIn }) => {
  const ann = tidings.person(15);
  const [one, two] = [await tidings.newApp('门禁系统'), await tidings.newApp('食堂')];
  await one.text(ann, '门已打开');
  await two.text(ann, '今日菜单');
  const page = await signedIn(ann);
  await page.getByRole('button', { name: '食堂' }).click();
  await expect(card(page, '今日菜单')).toBeVisible();
  await expect(card(page, '门已打开')).toHaveCount(0);
  await one.text(ann, '门已关上');
  await two.text(ann, '明日菜单');
  await expect(card(page, '明日菜单')).toBeVisible();
  await expect(card(page, '门已关上')).toHaveCount(0);
  await page.reload();
  await expect(card(page, '明日菜单')).toBeVisible();
  await expect(card(page, '门已关上')).toHaveCount(0);
  await page.getByRole('button', { name: '全部消息' }).click();
  await expect(card(page, '门已关上')).toBeVisible();
});

test('everything as read, and taken back', async ({ tidings, signedIn }) => {
  const ann = tidings.person(16);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event('blur'));
  });
  const task = await app.text(ann, '请标为已读');
  const { count } = await (await page.request.get(`${tidings.base}/api/v1/inbox/unread`)).json();
  const before = String(count);
  await expect.poll(() => badge(page)).toBe(before);
  const all = page.getByRole('button', { name: '全部标为已读' }).first();

  await all.click();
  await expect.poll(() => badge(page)).toBe('');
  await page.getByRole('button', { name: '撤销' }).click();
  await expect.poll(() => badge(page)).toBe(before);
  expect((await app.result(task)).read_user_id_list).toEqual([]);

  await all.click();
  await expect.poll(async () => (await app.result(task)).read_user_id_list).toEqual([ann.userid]);
  await expect.poll(() => badge(page)).toBe('');
  await page.reload();
  await expect(card(page, '请标为已读')).toBeVisible();
  expect(await badge(page)).toBe('');
  expect(await page.title()).toBe('工作通知');
});

test('what is new since the last visit is marked', async ({ tidings, signedIn }) => {
  const ann = tidings.person(17);
  const app = await tidings.app();
  await app.text(ann, '上次看过');
  const page = await signedIn(ann);
  await expect(card(page, '上次看过')).toBeVisible();
  await page.goto('about:blank');
  await app.text(ann, '离开后到达');
  await page.goto(`${tidings.base}/`);
  const row = page.locator('.row').filter({ hasText: '离开后到达' });
  await expect(row.locator('.new-line')).toHaveText('以下是新消息');
  await expect(page.locator('.new-line')).toHaveCount(1);
});
