// A draft is sent once, whatever becomes of the answer; what was changed after
// that is another notification, and goes only where somebody says so.

import { api, watched, withRole } from './console';
import { expect, test, violations } from './journey';
import type { Person } from './tidings';

// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Sent {
  items: { title: string; preview: string; counts: { sent: number } }[];
}

test('a draft that was sent already and then changed is not sent again in silence', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('后勤');
  const sender = withRole(tidings.first, 'administrator');
  const to = tidings.person(11) as Person;
  const sent = async () => (await api<Sent>(tidings.base, sender, 'GET', `/tasks?app=${agent}`)).items;
  const page = await signedIn(sender);
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/compose?agent=${agent}`);
  const text = page.getByRole('textbox', { name: '正文' });
  await text.fill('停水通知：周六');
  await page.getByRole('searchbox', { name: '搜索部门、姓名或工号' }).fill(to.userid);
  await page.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
  const check = page.locator('.compose-check');
  const send = check.getByRole('button', { name: '发送给 1 人' });

  // It arrives, and the answer is lost.
  await page.route(/\/api\/v1\/sends\?/, async (r) => {
    await r.fetch();
    await r.abort();
  });
  await send.click();
  await expect(check.getByRole('alert')).toContainText('不知道是否已经发送');
  await page.unroute(/\/api\/v1\/sends\?/);
  expect(await sent()).toHaveLength(1);

  // Changed since, under the key of the first: refused, and the page says what to look at.
  await text.fill('停水通知：改到周日');
  await expect(check.getByRole('alert')).toHaveCount(0);
  await send.click();
  await expect(check.getByRole('alert')).toContainText('这份草稿已经发送过，之后内容有改动');
  expect(await sent()).toHaveLength(1);
  expect(await violations(page)).toEqual([]);

  // The browser still has the draft and its key: a reload changes nothing of it.
  await page.reload();
  await expect(page.getByText('已恢复')).toBeVisible();
  await expect(text).toHaveValue('停水通知：改到周日');
  await send.click();
  await expect(check.getByRole('alert')).toContainText('这份草稿已经发送过');
  expect(await sent()).toHaveLength(1);

  // As another notification, once somebody says so.
  await check.getByRole('button', { name: '仍要作为新通知发送' }).click();
  await expect(check.getByRole('alert')).toHaveCount(0);
  await send.click();
  await expect(page.getByRole('heading', { name: '停水通知：改到周日', level: 1 })).toBeVisible();
  expect((await sent()).map((task) => task.preview || task.title)).toHaveLength(2);
  expect(seen).toEqual([]);
});
