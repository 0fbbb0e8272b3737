// What is done with a template as a whole: off and on, copied, a draft given up,
// deleted.

import { api, markdown, submitted, watched, withRole } from './console';
import { expect, test, violations } from './journey';

// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('a template is switched off and on, copied, its draft given up, and deleted', async ({ tidings, signedIn }) => {
  const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
  const { agent } = await tidings.newApp('食堂菜单');
  const id = await submitted(tidings.base, author, agent, markdown('本周菜单', '周一：面。'));
  const path = `/apps/${agent}/templates/${id}`;
  await api(tidings.base, reviewer, 'POST', `${path}/versions/1/approve`);
  const enabled = async () => (await api<{ enabled: boolean }>(tidings.base, author, 'GET', path)).enabled;
  const page = await signedIn(author);
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/templates/${agent}/${id}`);
  const facts = page.locator('.title-line .two-facts');
  const deed = async (name: string) => {
    await page.getByRole('button', { name: '更多操作' }).click();
    await page.getByRole('menuitem', { name }).click();
  };

  // At once, and back again.
  await deed('停用');
  await expect(facts).toContainText('已停用');
  expect(await enabled()).toBe(false);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(facts).toContainText('使用中 v1');
  expect(await enabled()).toBe(true);

  // A draft is given up after a question: what is in use stays.
  await page.getByRole('button', { name: '编辑为 v2' }).click();
  await page.getByRole('textbox', { name: '正文' }).press('Control+End');
  await page.keyboard.type('周二：饭。');
  await page.keyboard.press('Control+s');
  await expect(facts).toContainText('草稿 v2');
  await deed('放弃草稿');
  const dialog = page.getByRole('dialog');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: '放弃草稿' }).click();
  await expect(facts).not.toContainText('草稿');
  await expect(page.locator('dl.changes')).not.toContainText('周二');

  // A copy is a draft of its own.
  await deed('克隆');
  await expect(facts).toContainText('草稿 v1');
  await expect(page.getByRole('textbox', { name: '正文' })).toContainText('周一：面。');
  expect(new URL(page.url()).pathname).not.toContain(id);

  // What was in use is deleted by its name.
  await page.goto(`${tidings.base}/console/templates/${agent}/${id}`);
  await deed('删除');
  const remove = dialog.getByRole('button', { name: '删除' });
  await expect(remove).toBeDisabled();
  await dialog.getByRole('textbox').fill('下周菜单');
  await expect(remove).toBeDisabled();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('textbox').fill('本周菜单');
  await remove.click();
  await expect(page.getByRole('heading', { name: '模板', level: 1 })).toBeVisible();
  await expect(api(tidings.base, author, 'GET', path)).rejects.toThrow('404');
  expect(seen).toEqual([]);
});
