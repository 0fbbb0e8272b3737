// Ten tabs of one person are one browser: one stream, one badge.

import { badge, card, expect, figure, lookAway, test } from './journey';

test('ten tabs agree, and an eleventh request still answers', async ({ tidings, signedIn }) => {
  test.slow();
  const ann = tidings.person(6);
  const app = await tidings.app();
  const first = await signedIn(ann);
  const tabs = [first];
  while (tabs.length < 10) {
    const tab = await first.context().newPage();
    await tab.goto(`${tidings.base}/`);
    await tab.locator('.chat').waitFor();
    tabs.push(tab);
  }
  // Nobody reads while the tabs are counted, and nothing is left of what they read
  // when they were opened.
  for (const tab of tabs) {
    await lookAway(tab);
  }
  await app.text(ann, '标签页之前');
  await expect(card(first, '标签页之前')).toBeVisible();
  await first.getByRole('button', { name: '全部标为已读' }).first().click();
  for (const tab of tabs) {
    await expect(card(tab, '标签页之前')).toBeVisible();
    await expect.poll(() => badge(tab)).toBe('');
  }

  for (let n = 1; n <= 3; n++) {
    await app.text(ann, `标签页 ${n}`);
    const told = Date.now();
    await expect.poll(() => badge(first), { intervals: [20] }).toBe(String(n));
    for (const tab of tabs) {
      await expect.poll(() => badge(tab), { intervals: [20] }).toBe(String(n));
    }
    figure('ten tabs agree after', `${Date.now() - told} ms`);
  }

  // Six connections are all that HTTP/1.1 gives a browser.
  const status = await first.evaluate(async () => (await fetch('/api/v1/me')).status);
  expect(status).toBe(200);

  // One tab reads, all tabs know.
  const reader = tabs[9];
  await reader?.getByRole('button', { name: '全部标为已读' }).first().click();
  for (const tab of tabs) {
    await expect.poll(() => badge(tab)).toBe('');
  }
});

test('a browser without shared workers has a stream of its own', async ({
  tidings,
  signedIn,
  browser,
  contextOptions,
}) => {
  const ann = tidings.person(7);
  const app = await tidings.app();
  const context = await browser.newContext(contextOptions);
  await context.addInitScript(() => {
    // biome-ignore lint/suspicious/noExplicitAny: taken away as if it never was
    delete (window as any).SharedWorker;
  });
  const page = await context.newPage();
  await page.goto(ann.sign_in_url);
  await page.locator('.chat').waitFor();
  await app.text(ann, '没有共享线程');
  await expect(page.locator('.row-card').last()).toContainText('没有共享线程');
  await context.close();
  await signedIn(ann);
});
