// What happens while somebody looks at the console comes by itself.

import { watched, withRole } from './console';
import { badge, card, expect, lookAway, some, test, violations } from './journey';
import { type Person, Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const { scheme, width } of some(
  [
    { scheme: 'light', width: 390 },
    { scheme: 'dark', width: 1440 },
  ] as const,
  1,
)) {
  test(`numbers and lists grow while an app sends and people read, ${scheme}, ${width} pixels`, async ({
    tidings,
    signedIn,
  }) => {
    const developer = withRole(tidings.first, 'developer', 2);
    const readers = tidings.first.users.slice(27, 30) as [Person, Person, Person];
    const app = await tidings.newApp(`停电 ${width}`);
    const task = await app.text(readers, `今晚停电 ${width}`);
    const detail = await signedIn(developer, { colorScheme: scheme, viewport: { width, height: 844 } });
    const list = await detail.context().newPage();
    const seen = [watched(detail, tidings.base), watched(list, tidings.base)].flat();
    await list.goto(`${tidings.base}/console/notifications?q=${width}`);
    const row = list.getByRole('row').filter({ hasText: `今晚停电 ${width}` });
    await expect(row).toBeVisible();
    await detail.goto(`${tidings.base}/console/notifications/${task}`);
    const count = detail.locator('.count').filter({ hasText: '已读' }).locator('dd');
    await expect(count).toHaveText('0');
    const people = detail.getByRole('region', { name: '名单' });
    for (const [n, reader] of readers.slice(0, 2).entries()) {
      const inbox = await signedIn(reader);
      await card(inbox, `今晚停电 ${width}`).waitFor();
      await expect(count).toHaveText(String(n + 1));
      await expect(async () => {
        await people.evaluate((e) => e.scrollIntoView()); // rows are drawn where they can be seen
        await expect(people.getByRole('listitem').first()).toContainText(reader.userid, { timeout: 500 });
      }).toPass({ timeout: 15_000 });
    }
    await expect(people.getByRole('listitem')).toHaveCount(2);
    await expect(people.getByRole('button', { name: '已读 2' })).toBeVisible();
    if (width >= 768) {
      await expect(row.getByRole('meter')).toHaveAttribute('value', '67'); // its row in the list knows as well
    }

    // New ones wait, and nothing moves before they are asked for.
    const place = await row.boundingBox();
    for (const n of [1, 2, 3]) {
      await app.text(readers, `来电了 ${width} ${n}`);
    }
    const waiting = list.getByRole('button', { name: '3 条新通知' });
    await expect(waiting).toBeVisible();
    expect((await row.boundingBox())?.x).toBe(place?.x);
    await expect(list.getByRole('row').filter({ hasText: '来电了' })).toHaveCount(0);
    await waiting.click();
    await expect(list.getByRole('row').filter({ hasText: `来电了 ${width} 3` })).toBeVisible();

    // Recalled by the app, it is recalled here.
    await app.recall(task);
    await expect(detail.getByRole('heading', { name: '已撤回的通知', level: 1 })).toBeVisible();
    expect(await violations(list)).toEqual([]);
    expect(seen).toEqual([]);
  });
}

test('a server that comes back tells what was missed', async ({ browser, contextOptions }) => {
  test.slow();
  const tidings = await Tidings.start();
  const context = await browser.newContext(contextOptions);
  try {
    const app = await tidings.app();
    const page = await context.newPage();
    await page.goto(withRole(tidings.first, 'developer').sign_in_url);
    await page.locator('.chat').waitFor();
    await page.goto(`${tidings.base}/console/notifications`);
    await expect(page.getByRole('row').nth(1)).toBeVisible();
    const bar = page.getByRole('status').filter({ hasText: '正在重新连接…' });
    await tidings.kill();
    await expect(bar).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await tidings.run();
    await app.text(tidings.first.users.slice(0, 2), '服务器回来了');
    await expect(bar).toHaveCount(0, { timeout: 30_000 });
    await page.getByRole('button', { name: '1 条新通知' }).click();
    await expect(page.getByRole('row').filter({ hasText: '服务器回来了' })).toBeVisible();
  } finally {
    await context.close();
    await tidings.stop();
  }
});

test('ten tabs of the inbox and of the console share two connections', async ({ tidings, signedIn }) => {
  test.slow();
  const auditor = withRole(tidings.first, 'auditor');
  const app = await tidings.newApp('十个标签页');
  const inbox = await signedIn(auditor);
  await lookAway(inbox);
  const tabs = [inbox];
  for (let n = 1; n < 10; n++) {
    const tab = await inbox.context().newPage();
    await tab.goto(`${tidings.base}${n % 2 ? '/console/notifications' : '/'}`);
    await (n % 2 ? tab.getByRole('row').nth(1) : tab.locator('.chat')).waitFor();
    await lookAway(tab);
    tabs.push(tab);
  }
  const before = Number((await badge(inbox)) || 0);
  const task = await app.text(auditor, '给十个标签页');
  for (const [n, tab] of tabs.entries()) {
    if (n % 2) {
      await expect(tab.getByRole('button', { name: /条新通知$/ })).toBeVisible();
    } else {
      await expect.poll(() => badge(tab)).toBe(String(before + 1));
    }
  }
  // Each tab can still ask, one for another notification than the next.
  for (const tab of tabs.slice(1, 4)) {
    const status = await tab.evaluate(async (path) => (await fetch(path)).status, `/api/v1/tasks/${task}`);
    expect(status).toBe(200);
  }
});
