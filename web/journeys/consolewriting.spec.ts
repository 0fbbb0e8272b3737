// What comes between somebody and what they write in the console: an input method,
// an ended session, a server that is away, a draft that somebody else submits.
// Nothing that was written is lost, and the page says what happened.

import type { Locator, Page } from '@playwright/test';
import { api, draft, markdown, submitted, waiting, watched, withRole } from './console';
import { expect, test, violations } from './journey';
import { type Person, Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Stored {
  newest: { number: number; state: string; form: { content: string } };
}

const text = (page: Page) => page.getByRole('textbox', { name: '正文' });
const saved = (page: Page) => page.locator('.saved');

/** Ends all sessions of somebody, as from another device. */
async function ended(tidings: Tidings, person: Person): Promise<void> {
  const { items } = await api<{ items: { session_id: string }[] }>(tidings.base, person, 'GET', '/sessions');
  for (const one of items) {
    await api(tidings.base, person, 'DELETE', `/sessions/${one.session_id}`);
  }
}

/** Writes as an input method does: letters that turn into words. */
async function composed(page: Page, letters: string, words: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  for (let n = 1; n <= letters.length; n++) {
    const typed = letters.slice(0, n);
    await devtools.send('Input.imeSetComposition', { text: typed, selectionStart: n, selectionEnd: n });
  }
  // Longer than the pause after which it is checked.
  await expect(page.locator('main')).toContainText(letters);
  await page.waitForResponse((r) => r.url().includes('/templates/check')).catch(() => undefined);
  await devtools.send('Input.insertText', { text: words });
  await devtools.detach();
}

test('what an input method composes is written once, beside chips and under waves', async ({ tidings, signedIn }) => {
  const author = withRole(tidings.first, 'author');
  const { address, path } = await draft(tidings, author, '门禁改造', '# 门禁\n\n$' + '{when}');
  const page = await signedIn(author);
  const seen = watched(page, tidings.base);
  await page.goto(address);
  await expect(page.locator('.text-wave.error')).toHaveText('# 门禁');
  await text(page).press('Control+End');
  await composed(page, "ting'dian", '停电');
  await expect(page.locator('.text-field .text-chip')).toHaveText('$' + '{when}');
  await text(page).press('Control+Home');
  await page.keyboard.press('End');
  await composed(page, 'tong', '通');
  await page.keyboard.type('知');
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toContainText('已保存');
  const { newest } = await api<Stored>(tidings.base, author, 'GET', path);
  expect(newest.form.content).toBe('# 门禁通知\n\n$' + '{when}停电');
  expect(seen).toEqual([]);
});

test('what is typed into a search stays as it is typed', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'developer'));
  await page.goto(`${tidings.base}/console/notifications`);
  const search = page.getByRole('searchbox');
  await search.pressSequentially('First ');
  await expect(page).toHaveURL(/q=First$/);
  await expect(search).toHaveValue('First ');
  await search.pressSequentially('day');
  await expect(page).toHaveURL(/q=First(\+|%20)day$/);
  await page.goBack();
  await page.goForward();
  await expect(search).toHaveValue('First day');
});

test('a session that ends while something is written loses nothing of it', async ({ tidings, signedIn }) => {
  const [author, me] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'administrator')];
  const { agent, address, path } = await draft(tidings, me, '搬迁', '周一搬迁。');
  const editor = await signedIn(me);
  const asked: string[] = [];
  const open = async (to: string) => {
    const tab = await editor.context().newPage();
    await tab.goto(to);
    return tab;
  };
  await editor.goto(address);
  await text(editor).press('Control+End');
  await editor.keyboard.type('请装箱。');
  const compose = await open(`${tidings.base}/console/compose?agent=${agent}`);
  await compose.getByRole('textbox', { name: '正文' }).fill('周一搬迁，请装箱。');
  const app = await open(`${tidings.base}/console/apps/${agent}/range`);
  const grants = app.getByRole('region', { name: '权限', exact: true });
  await grants.getByRole('button', { name: '修改' }).click();
  await grants.getByRole('switch', { name: '一次发给全员' }).click();
  await expect(grants.getByRole('switch', { name: '一次发给全员' })).toBeChecked();
  const tabs = [editor, compose, app];
  for (const tab of tabs) {
    tab.on('dialog', (d) => {
      asked.push(d.message());
      void d.accept();
    });
  }

  // Ended, the pages say so, and nobody is asked whether they want to lose something.
  await text(editor).press('Control+End');
  await editor.keyboard.type('谢谢。');
  await ended(tidings, me);
  for (const tab of tabs) {
    await tab.bringToFront();
    await expect(tab.getByRole('heading', { name: '登录已结束' })).toBeVisible();
  }
  expect(asked).toEqual([]);
  expect(await violations(app)).toEqual([]);
  await app.getByRole('textbox').fill(me.sign_in_url);
  await app.keyboard.press('Enter');
  await grants.getByRole('button', { name: '恢复' }).click();
  await expect(grants.getByRole('switch', { name: '一次发给全员' })).toBeChecked();
  await compose.reload();
  await expect(compose.getByRole('textbox', { name: '正文' })).toHaveValue('周一搬迁，请装箱。');
  await editor.reload();
  await editor.getByRole('button', { name: '恢复' }).click();
  await expect(text(editor)).toHaveText('周一搬迁。请装箱。谢谢。');
  await editor.keyboard.press('Control+s');
  await expect(saved(editor)).toContainText('已保存');
  expect((await api<Stored>(tidings.base, me, 'GET', path)).newest.form.content).toBe('周一搬迁。请装箱。谢谢。');

  // What was kept is its writer's alone.
  await expect(compose.getByText('已恢复')).toBeVisible();
  await compose.goto(`${tidings.base}/?org=${tidings.first.corp_id}`);
  await compose.locator('.chat').waitFor();
  await ended(tidings, me);
  await expect(compose.getByRole('heading', { name: '登录已结束' })).toBeVisible();
  await compose.goto(author.sign_in_url);
  await compose.locator('.chat').waitFor();
  await compose.goto(`${tidings.base}/console/compose?agent=${agent}`);
  await expect(compose.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(compose.getByText('请装箱')).toHaveCount(0);
});

test('a server that goes away while something is written loses nothing of it', async ({ browser, contextOptions }) => {
  test.slow();
  const tidings = await Tidings.start();
  const context = await browser.newContext(contextOptions);
  try {
    const me = withRole(tidings.first, 'administrator');
    const { agent, address, path } = await draft(tidings, me, '检修', '今晚检修。');
    const editor = await context.newPage();
    await editor.goto(me.sign_in_url);
    await editor.locator('.chat').waitFor();
    const compose = await context.newPage();
    await compose.goto(`${tidings.base}/console/compose?agent=${agent}`);
    await compose.getByRole('searchbox').fill(tidings.person(5).userid);
    await compose.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
    await editor.goto(address);
    await text(editor).press('Control+End');
    await tidings.kill();

    await editor.keyboard.type('请备份。');
    await editor.keyboard.press('Control+s');
    await expect(saved(editor)).toHaveText('没有保存成功');
    await expect(editor.getByRole('alert').filter({ hasText: '保存在这个浏览器里' })).toBeVisible();
    expect(await violations(editor)).toEqual([]);
    await text(editor).press('Control+End');
    await editor.keyboard.type('谢谢。');
    await compose.bringToFront();
    await compose.getByRole('textbox', { name: '正文' }).fill('今晚检修，请备份。');
    await expect(compose.getByRole('alert').first()).toBeVisible();
    await expect(compose.getByRole('button', { name: '发送', exact: true })).toBeDisabled();

    // Back again, the pages go on by themselves where they can.
    await tidings.run();
    const send = compose.getByRole('button', { name: '发送给 1 人' });
    await expect(send).toBeEnabled({ timeout: 40_000 });
    await send.click();
    await expect(compose.getByRole('heading', { name: '今晚检修，请备份。', level: 1 })).toBeVisible();
    await editor.bringToFront();
    await expect(editor.getByText('正在重新连接…')).toHaveCount(0, { timeout: 30_000 });
    await text(editor).press('Control+s');
    await expect(saved(editor)).toContainText('已保存');
    const { newest } = await api<Stored>(tidings.base, withRole(tidings.first, 'administrator'), 'GET', path);
    expect(newest.form.content).toBe('今晚检修。请备份。谢谢。');
  } finally {
    await context.close();
    await tidings.stop();
  }
});

test('a draft that somebody else submits while it is written loses nothing of it', async ({ tidings, signedIn }) => {
  const [me, other] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'administrator')];
  const { address, path } = await draft(tidings, me, '体检', '周五体检。');
  const page = await signedIn(me);
  const seen = watched(page, tidings.base);
  await page.goto(address);
  await text(page).press('Control+End');
  await page.keyboard.type('请空腹。');
  await api(tidings.base, other, 'POST', `${path}/submit`, {});
  const told = page.getByRole('alert').filter({ hasText: '只在这个浏览器里' });
  await expect(told).toContainText(`${other.name} 已提交 v1 审核`);
  await expect(page.locator('dl.changes')).toContainText('周五体检。');
  await expect(page.getByText('请空腹')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);

  // Taken back, or decided: it is there again.
  await page.getByRole('button', { name: '收回' }).click();
  await page.getByRole('button', { name: '恢复' }).click();
  await expect(text(page)).toHaveText('周五体检。请空腹。');
  await api(tidings.base, other, 'POST', `${path}/submit`, {});
  await expect(told).toBeVisible();
  const reviewer = withRole(tidings.first, 'reviewer');
  await api(tidings.base, reviewer, 'POST', `${path}/versions/2/reject`, { reason: '请写明地点。' });
  await expect(told).toContainText('编辑为 v3');
  await page.getByRole('button', { name: '编辑为 v3' }).click();
  await page.getByRole('button', { name: '恢复' }).click();
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toContainText('已保存');
  const { newest } = await api<Stored>(tidings.base, me, 'GET', path);
  expect(newest).toMatchObject({ number: 3, state: 'draft', form: { content: '周五体检。请空腹。' } });
  expect(seen).toEqual([]);
});

test('a reason outlives the page, an ended session and a decision of somebody else', async ({ tidings, signedIn }) => {
  const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
  const { agent } = await tidings.newApp('车位');
  const id = await waiting(tidings, tidings.first, agent, '车位分配');
  const other = await submitted(tidings.base, author, agent, markdown('车位到期', '你的车位下周到期。'));
  const page = await signedIn(reviewer);
  const seen = watched(page, tidings.base);
  const address = `${tidings.base}/console/reviews/${agent}/${id}/2`;
  const reason = page.getByRole('textbox', { name: '退回的原因' });
  await page.goto(address);
  await page.getByRole('radio', { name: '退回' }).check();
  await reason.fill('请写明从哪一天起。');
  const reviews = page.locator('.crumbs').getByRole('link', { name: '待审' });
  await reviews.click();
  await page.locator(`a[href*="${other}"]`).click();
  await expect(page.getByRole('radio', { name: '退回' })).toBeVisible();
  await expect(reason).toHaveCount(0);
  await reviews.click();
  await page.locator(`a[href*="${id}"]`).click();
  await expect(reason).toHaveValue('请写明从哪一天起。');
  await ended(tidings, reviewer);
  await expect(page.getByRole('heading', { name: '登录已结束' })).toBeVisible();
  await page.getByRole('textbox').fill(reviewer.sign_in_url);
  await page.keyboard.press('Enter');
  await expect(reason).toHaveValue('请写明从哪一天起。');
  await expect(page.getByRole('radio', { name: '退回' })).toBeChecked();

  // Somebody else is first: nothing can be decided any more, and what was written can be copied.
  await api(tidings.base, reviewer, 'POST', `/apps/${agent}/templates/${id}/versions/2/approve`);
  const late = page.getByRole('region', { name: '你写的原因没有提交' });
  await expect(late.getByRole('textbox')).toHaveValue('请写明从哪一天起。');
  await expect(page.getByText(/^.+ 已在 .+ 通过。$/)).toBeVisible();
  await expect(page.getByRole('radio', { name: /通过|退回/ })).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  await late.getByRole('button', { name: '丢弃' }).click();
  await expect(late).toHaveCount(0);
  await page.reload();
  await expect(page.getByText(/^.+ 已在 .+ 通过。$/)).toBeVisible();
  await expect(late).toHaveCount(0);
  expect(seen).toEqual([]);
});

test('what is typed into a dialog outlives an ended session', async ({ tidings, signedIn }) => {
  test.slow();
  const me = withRole(tidings.first, 'administrator');
  const app = await tidings.newApp('值班');
  const task = await app.send(tidings.person(1), {
    msgtype: 'oa',
    oa: {
      message_url: 'https://example.com/duty',
      head: { text: '值班', bgcolor: 'FF3E7BFA' },
      body: { title: '值班表' },
    },
  });
  const page = await signedIn(me, { viewport: { width: 1440, height: 900 } });
  const seen = watched(page, tidings.base);
  const written: readonly { at: string; opens?: string; fields: Record<string, string>; begins?: string }[] = [
    { at: '/apps', opens: '新建应用', fields: { 名称: '行政通知', 说明: '会议室与访客' } },
    { at: '/apps', opens: '安装第三方应用', fields: { 'Suite Key': 'suite-of-nobody' } },
    { at: `/notifications/${task}`, opens: '修改状态', fields: { 状态文字: '已处理' } },
    { at: `/apps/${app.agent}/overview`, opens: '设置', fields: { 回调地址: 'https://example.com/events' } },
    { at: `/apps/${app.agent}/overview`, fields: { 新地址: 'https://example.com/back' } },
    { at: `/apps/${app.agent}/try`, fields: { 通知内容: '试一试' }, begins: '来自「值班」的第一条通知' },
    { at: `/compose?agent=${app.agent}`, opens: '粘贴名单', fields: { 名单: '张三\n李四' } },
  ];
  for (const { at, opens, fields, begins = '' } of written) {
    const field = (name: string) => page.getByRole('textbox', { name, exact: true });
    const open = async () => opens && (await page.getByRole('button', { name: opens, exact: true }).click());
    await page.goto(`${tidings.base}/console${at}`);
    await open();
    for (const [name, text] of Object.entries(fields)) {
      await field(name).fill(text);
    }
    await ended(tidings, me);
    await expect(page.getByRole('heading', { name: '登录已结束' })).toBeVisible();
    await page.getByRole('textbox').fill(me.sign_in_url);
    await page.keyboard.press('Enter');
    await open();
    for (const [name, text] of Object.entries(fields)) {
      await expect(field(name)).toHaveValue(text);
    }
    const found = page.getByRole('status').filter({ hasText: '已恢复' });
    await expect(found).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await found.getByRole('button', { name: '丢弃' }).click();
    for (const name of Object.keys(fields)) {
      await expect(field(name)).toHaveValue(begins);
    }
    await expect(found).toHaveCount(0);
  }
  expect(seen).toEqual([]);
});

test('what is given up in a dialog is not kept, and secrets never are', async ({ tidings, signedIn }) => {
  const me = withRole(tidings.first, 'developer');
  const app = await tidings.newApp('访客');
  const page = await signedIn(me, { viewport: { width: 1440, height: 900 } });
  await page.goto(`${tidings.base}/console/apps`);
  const name = page.getByRole('textbox', { name: '名称', exact: true });
  await page.getByRole('button', { name: '新建应用' }).click();
  await name.fill('访客登记');
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await page.getByRole('button', { name: '新建应用' }).click();
  await expect(name).toHaveValue('');

  await page.goto(`${tidings.base}/console/apps/${app.agent}/overview`);
  const [token, key] = ['Token（token）', '密钥（aes_key）'].map((label) => page.getByRole('textbox', { name: label }));
  await page.getByRole('button', { name: '设置', exact: true }).click();
  await page.getByRole('textbox', { name: '回调地址' }).fill('https://example.com/visitors');
  await page.getByRole('button', { name: '随机生成' }).click();
  await expect(key as Locator).not.toHaveValue('');
  await page.reload();
  await page.getByRole('button', { name: '设置', exact: true }).click();
  await expect(page.getByRole('textbox', { name: '回调地址' })).toHaveValue('https://example.com/visitors');
  await expect(token as Locator).toHaveValue('');
  await expect(key as Locator).toHaveValue('');
});
