// Two people, one sender: what is sent, read, changed and recalled is the same
// for everybody, without a reload.

import { card, expect, lookAway, test } from './journey';

test('a send arrives, is read by one, changes and goes', async ({ tidings, signedIn }) => {
  const [ann, bob] = [tidings.person(3), tidings.person(4)];
  const app = await tidings.app();
  const [his, hers] = [await signedIn(ann), await signedIn(bob)];
  // Bob's page is there but hidden: nobody looks at it.
  await hers.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });

  const task = await app.send([ann, bob], {
    msgtype: 'oa',
    oa: {
      message_url: 'https://oa.example.com/1',
      head: { bgcolor: 'FF3E7BFA', text: 'x' },
      status_bar: { status_value: '待审批', status_bg: '0xFFFF9D46' },
      body: { title: '年假申请 4711', form: [{ key: '时长：', value: '3 天' }] },
    },
  });
  for (const page of [his, hers]) {
    await expect(card(page, '年假申请 4711')).toContainText('待审批');
  }

  await expect.poll(async () => (await app.result(task)).read_user_id_list).toEqual([ann.userid]);
  expect((await app.result(task)).unread_user_id_list).toEqual([bob.userid]);
  await expect(card(his, '年假申请 4711').locator('.card')).toHaveAttribute('data-unread', 'false');
  await expect(card(hers, '年假申请 4711').locator('.card')).toHaveAttribute('data-unread', 'true');

  await app.statusBar(task, '已同意', '0xFF78C06E');
  for (const page of [his, hers]) {
    const status = card(page, '年假申请 4711').locator('.td-status');
    await expect(status).toHaveText('已同意');
    await expect(status).toHaveAttribute('data-color', '78C06E');
  }

  await app.recall(task);
  for (const page of [his, hers]) {
    await expect(page.locator('.tombstone').last()).toContainText('撤回了一条消息');
    await expect(card(page, '年假申请 4711')).toHaveCount(0);
    expect(await page.content()).not.toContain('4711');
  }
});

test('a message that nobody has seen stays unread; seen for a second it is read', async ({ tidings, signedIn }) => {
  const [ann, bob] = [tidings.person(5), tidings.person(56)];
  const app = await tidings.app();
  const [page, other] = [await signedIn(ann), await signedIn(bob)];
  await lookAway(page);
  const task = await app.text([ann, bob], '无人注视 0815');
  await expect(card(page, '无人注视 0815')).toBeVisible();
  // Bob looks at it, and once that is stored, so would be what she had read.
  await other.bringToFront();
  const read = async () => (await app.result(task)).read_user_id_list.sort();
  await expect.poll(read).toEqual([bob.userid]);
  await page.bringToFront();
  await page.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event('focus'));
  });
  await expect.poll(read).toEqual([ann.userid, bob.userid].sort());
});
