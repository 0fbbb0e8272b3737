// Sending by hand: a list is pasted, the dry run says who gets it, and nobody
// gets what its sender has not seen.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { choose, watched, withRole } from './console';
import { expect, png, some, test, violations } from './journey';
import type { Person, Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Goes to a step, where there are steps: on a phone. */
const step = async (page: Page, name: string) => {
  if ((page.viewportSize()?.width ?? 0) < 768) {
    await page.getByRole('navigation', { name: '步骤' }).getByRole('button', { name }).click();
  }
};
/** Waits until what a field offered has closed. */
const closed = (page: Page) => expect(page.locator('.ant-select-dropdown').filter({ visible: true })).toHaveCount(0);
const row = (page: Page, text: string) => page.locator('.compose-row').filter({ hasText: text });
const primary = (page: Page, name: string | RegExp) => page.locator('.compose-check').getByRole('button', { name });

for (const { scheme, width, height } of some(
  [
    { scheme: 'dark', width: 390, height: 844 },
    { scheme: 'light', width: 1440, height: 900 },
  ] as const,
  1,
)) {
  test(`somebody without a role sends to a list of people, ${scheme}, ${width} pixels`, async ({
    tidings,
    signedIn,
  }) => {
    const { agent } = await tidings.newApp(`行政 ${width}`);
    const employees = tidings.first.users.filter((u) => u.roles.every((role) => role === 'employee'));
    const sender = employees[width < 768 ? 0 : 1] as Person;
    await tidings.admin('--org', tidings.first.corp_id, 'app', 'composers', String(agent), '--user', sender.userid);
    const twin = `重名${width}`;
    for (const n of [1, 2]) {
      await tidings.admin('--org', tidings.first.corp_id, 'user', 'create', `twin-${width}-${n}`, twin, '--dept', '1');
    }
    const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height } } as const;
    const page = await signedIn(sender, options);
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('c');
    await expect(page.getByRole('heading', { name: '发通知', level: 1 })).toBeFocused();
    expect(await violations(page)).toEqual([]);

    // What it says is shown as its readers will see it.
    await page.getByRole('combobox', { name: '应用' }).click();
    await page
      .locator('.ant-select-item-option')
      .filter({ hasText: `行政 ${width}` })
      .click();
    await page.getByRole('textbox', { name: '正文' }).fill(`周六停电 ${width}`);
    await expect(page.getByRole('region', { name: '预览' })).toContainText(`周六停电 ${width}`);

    // 300 lines: some of them mean nobody, one means two people, some say the same.
    await step(page, '收件人');
    const known = tidings.first.users.slice(0, 20).map((u) => u.userid);
    const unknown = Array.from({ length: 260 }, (_, n) => `nobody-${n}`);
    const list = [...known, '=1+1', ...unknown, twin, ...known.slice(0, 18)];
    await page.getByRole('button', { name: '粘贴名单' }).click();
    const dialog = page.getByRole('dialog');
    const csv = Buffer.from(`姓名,userid\n${tidings.person(0).name},${known[0]}\n谁也不是,nobody\n`);
    await dialog.locator('input[type=file]').setInputFiles({ name: '名单.csv', mimeType: 'text/csv', buffer: csv });
    await expect(dialog.getByRole('button', { name: '已匹配 1' })).toBeVisible();
    await dialog.getByRole('button', { name: '换一份名单' }).click();
    await dialog.getByRole('textbox').fill(list.join('\n'));
    await expect(dialog).toContainText('300/5,000 行');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: '匹配' }).click();
    await expect(dialog.getByRole('button', { name: '同名 1' })).toHaveAttribute('aria-current', 'true');
    for (const part of ['已匹配 20', '未找到 261', '重复 18']) {
      await expect(dialog.getByRole('button', { name: part })).toBeVisible();
    }
    await dialog.getByRole('combobox').click();
    await page.locator('.ant-select-item-option').filter({ hasText: twin }).first().click();
    await closed(page);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: '未找到 261' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: '下载' }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toContain("\r\n21,'=1+1\r\n");
    await dialog.getByRole('button', { name: '加入 21 人' }).click();
    await expect(page.getByRole('list', { name: '发给' }).getByRole('listitem')).toHaveCount(13); // and 9 more

    // A department, of which one person is left out.
    const { name: department, dept_id } = tidings.first.departments.find((d) => d.parent_id === 1) as never as {
      name: string;
      dept_id: number;
    };
    await page.getByRole('checkbox', { name: department }).check();
    await page.getByText('排除', { exact: true }).click();
    await page.getByRole('searchbox', { name: '搜索部门、姓名或工号' }).fill(known[3] ?? '');
    await page.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
    expect(await violations(page)).toEqual([]);

    // Who gets it, by name.
    await step(page, '检查并发送');
    await expect(primary(page, /^发送给 \d+ 人$/)).toBeVisible();
    await page.locator('.compose-row.main').click();
    await expect(
      page
        .locator('.planned-person')
        .filter({ hasText: tidings.person(0).name })
        .first(),
    ).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.locator('.planned-person')).toHaveCount(0);
    const before = Number(/\d+/.exec((await page.locator('.compose-row.main').textContent()) ?? '')?.[0]);

    // Somebody comes into the department: more would get it than were shown, so nobody does.
    await tidings.admin(
      ...['--org', tidings.first.corp_id, 'user', 'create', `late-${width}`, '晚来的人', '--dept', String(dept_id)],
    );
    await nameOrganization(page, tidings);
    await primary(page, `发送给 ${before} 人`).click();
    await expect(page.getByRole('alert')).toContainText(`刚才显示 ${before} 人，现在是 ${before + 1} 人。没有发送`);
    expect(await violations(page)).toEqual([]);

    // What was written is here again, also after the page was closed.
    await page.reload();
    await expect(page.getByText('已恢复')).toBeVisible();
    await step(page, '检查并发送');
    await nameOrganization(page, tidings);
    await primary(page, `发送给 ${before + 1} 人`).dblclick();
    await expect(page.getByRole('heading', { name: `周六停电 ${width}`, level: 1 })).toBeVisible();
    await expect(page.locator('.count').filter({ hasText: '送达' }).locator('dd')).toHaveText(String(before + 1));

    // Again to those who have not read it: the same content is held back until it is marked.
    await page.getByRole('link', { name: '再发给未读' }).click();
    await step(page, '检查并发送');
    await expect(row(page, '今天已收到相同内容')).toContainText(`${before + 1} 人`);
    await expect(primary(page, '发送给 0 人')).toBeDisabled();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '加上【提醒】' }).click();
    await expect(page.getByRole('region', { name: '预览' })).toContainText(`【提醒】周六停电 ${width}`);
    await nameOrganization(page, tidings);
    await primary(page, `发送给 ${before + 1} 人`).click();
    await expect(page.getByRole('heading', { name: `【提醒】周六停电 ${width}`, level: 1 })).toBeVisible();
    await page.goto(`${tidings.base}/console/notifications`);
    await expect(page.getByRole('row').filter({ hasText: `周六停电 ${width}` })).toHaveCount(2); // each once
    await page.goto(`${tidings.base}/console/compose`);
    await expect(page.getByRole('textbox', { name: '正文' })).toHaveValue('');
    expect(seen).toEqual([]);
  });
}

/** Writes the organization's name where so many people get it that it is asked for. */
async function nameOrganization(page: Page, tidings: Tidings): Promise<void> {
  await expect(page.locator('.compose-outcome[data-old="false"]')).toBeVisible();
  const field = page.locator('.compose-name input');
  if (await field.isVisible()) {
    await field.fill(tidings.first.name);
  }
}

test('a template is sent with its values, and again from what was sent', async ({ tidings, signedIn }) => {
  const app = tidings.first.apps.find((one) => one.kind !== 'internal');
  const page = await signedIn(withRole(tidings.first, 'administrator'), { reducedMotion: 'reduce' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/templates?app=${app?.agent_id}&q=${encodeURIComponent('Delivery today')}`);
  await page.locator('.template-card').getByRole('link').click();
  await page.locator('main').getByRole('link', { name: '发通知' }).click();
  await expect(page.getByText('这是用示例值显示的样子')).toBeVisible();
  await expect(primary(page, '发给我自己')).toBeDisabled();
  for (const field of await page.locator('.compose-value textarea').all()) {
    await field.fill('N-7');
  }
  await expect(page.getByRole('region', { name: '预览' })).toContainText('Order: N-7');
  expect(await violations(page)).toEqual([]);
  await primary(page, '发给我自己').click();
  await expect(page.getByText('已发给你自己')).toBeVisible();
  await page.getByRole('searchbox', { name: '搜索部门、姓名或工号' }).fill(tidings.person(7).userid);
  await page.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
  await primary(page, '发送给 1 人').click();
  await expect(page.locator('.facts')).toContainText('Delivery today · v1');
  await page.getByRole('link', { name: '复制为新通知' }).click();
  await expect(page.getByRole('heading', { name: '发通知', level: 1 })).toBeVisible();
  await expect(page.locator('.compose-value')).not.toHaveCount(0);
  expect(seen).toEqual([]);
});

test('a recording and a picture are uploaded, and the picture is sent', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('相册');
  const page = await signedIn(withRole(tidings.first, 'administrator'), { reducedMotion: 'reduce' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/compose?agent=${agent}`);
  const type = (name: string) => choose(page, page.getByRole('combobox', { name: '类型' }), name);
  await type('语音');
  await page.locator('input[type=file]').setInputFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: wav(2) });
  await expect(page.getByRole('textbox', { name: '时长' })).toHaveValue('2');
  await expect(page.locator('.compose-card .card')).toBeVisible();
  await type('图片');
  const input = page.locator('input[type=file]');
  await input.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await expect(page.getByText('文件的内容和类型不符。')).toBeVisible();
  await input.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: await png(page, 80, 40) });
  await expect(page.locator('.compose-card img')).toHaveJSProperty('naturalWidth', 80);
  await expect(page.getByText('a.png')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('searchbox', { name: '搜索部门、姓名或工号' }).fill(tidings.person(8).userid);
  await page.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
  await primary(page, '发送给 1 人').click();
  await expect(page.getByRole('heading', { name: '图片', level: 1 })).toBeVisible();
  expect(seen).toEqual([]);
});

test('everyone gets it once the organization is named', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('公告');
  const grant = ['app', 'grant', String(agent), '--send-to-everyone'];
  await tidings.admin('--org', tidings.first.corp_id, ...grant);
  const page = await signedIn(withRole(tidings.first, 'administrator'), { reducedMotion: 'reduce' });
  await page.goto(`${tidings.base}/console/compose?agent=${agent}`);
  await page.getByRole('textbox', { name: '正文' }).fill('周五放假');
  await page.getByRole('switch', { name: '全员' }).click();
  await expect(page.locator('.compose-row.main')).toBeEnabled();
  const all = Number(/\d+/.exec((await page.locator('.compose-row.main').textContent()) ?? '')?.[0]);
  await page.getByRole('searchbox', { name: '搜索部门、姓名或工号' }).fill(tidings.person(9).userid);
  await page.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
  const send = primary(page, `发送给 ${all - 1} 人`);
  await expect(send).toBeDisabled();
  await page.locator('.compose-name input').fill('别的组织');
  await expect(send).toBeDisabled();
  await page.locator('.compose-name input').fill(tidings.first.name);
  expect(await violations(page)).toEqual([]);
  await send.click();
  await expect(page.locator('.facts')).toContainText('全员');
  await expect(page.locator('.count').filter({ hasText: '送达' }).locator('dd')).toHaveText(String(all - 1));
});

test('by keys alone something is sent', async ({ tidings, signedIn }) => {
  await tidings.newApp('值班');
  const sender = withRole(tidings.first, 'administrator');
  const page = await signedIn(sender, { reducedMotion: 'reduce' });
  await page.goto(`${tidings.base}/console`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByRole('heading', { name: '发通知', level: 1 })).toBeFocused();
  await tabTo(page, 'textbox', '正文');
  await page.keyboard.type('今晚值班表已更新');
  await tabTo(page, 'searchbox', '搜索部门、姓名或工号');
  await page.keyboard.type(tidings.person(5).userid);
  await expect(page.getByRole('list', { name: '人员' }).getByRole('checkbox')).toHaveCount(1);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(primary(page, '发送给 1 人')).toBeEnabled();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { name: '今晚值班表已更新', level: 1 })).toBeFocused();
});

/** Tab, until a field has the focus. */
async function tabTo(page: Page, role: 'combobox' | 'textbox' | 'searchbox', name: string): Promise<void> {
  const field = page.getByRole(role, { name });
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press('Tab');
    if (await field.evaluate((e) => e === document.activeElement)) {
      return;
    }
  }
  throw new Error(`Tab does not lead to ${name}`);
}

/** Silence of so many seconds. */
function wav(seconds: number): Buffer {
  const rate = 8000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + rate * seconds, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // samples as they are
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(rate * seconds, 40);
  return Buffer.concat([head, Buffer.alloc(rate * seconds, 128)]);
}

/** How wide the picture is that a card shows; 0 while it shows none. */
const shownWidth = (page: Page) =>
  page
    .getByRole('region', { name: '预览' })
    .locator('img:not(.avatar)')
    .last()
    .evaluate((img: HTMLImageElement) => img.naturalWidth)
    .catch(() => 0);

test('pictures of links, forms and Markdown are uploaded, or have an address', async ({ tidings, signedIn }) => {
  const me = withRole(tidings.first, 'administrator');
  const page = await signedIn(me, { colorScheme: 'light', viewport: { width: 1440, height: 900 } });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/compose`);
  const content = page.getByRole('region', { name: '内容', exact: true });
  const file = content.locator('input[type=file]');
  const named = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer });
  await choose(page, page.getByRole('combobox', { name: '类型' }), '链接');
  await content.getByRole('textbox', { name: '标题' }).fill('开放日');
  await content.getByRole('textbox', { name: '正文' }).fill('欢迎来参观');
  await content.getByRole('textbox', { name: '链接' }).fill('https://example.com/open-day');
  const picture = content.getByRole('textbox', { name: '图片' });

  // What cannot be taken says why, and changes nothing.
  const own = `${tidings.base}/door.png`; // the preview loads it, and no foreign host is asked
  await picture.fill(own);
  await file.setInputFiles(named('door.png', Buffer.alloc((20 << 20) + 1)));
  await expect(content).toContainText('文件太大：20.1 MiB，上限 20 MiB。');
  await file.setInputFiles(named('door.png', Buffer.from('no picture')));
  await expect(content).toContainText('文件的内容和类型不符');
  await expect(picture).toHaveValue(own);
  expect(await violations(page)).toEqual([]);

  // While a file is on its way, it says so, and nothing is sent.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/media\?/, async (route) => {
    await held;
    await route.continue();
  });
  await file.setInputFiles(named('door.png', await png(page, 120, 80)));
  await expect(content.getByRole('progressbar', { name: '正在上传' })).toBeVisible();
  await expect(page.getByText('文件还在上传')).toBeVisible();
  await expect(page.getByRole('button', { name: '发给我自己' })).toBeDisabled();
  expect(await violations(page)).toEqual([]);
  release();
  await expect(picture).toHaveValue(/^@/);
  await expect(content).toContainText('door.png');
  await expect.poll(() => shownWidth(page)).toBe(120);
  expect(await violations(page)).toEqual([]);

  // Another type keeps the picture; an address is written by hand as before.
  await choose(page, page.getByRole('combobox', { name: '类型' }), 'OA 消息');
  await expect(picture).toHaveValue(/^@/);
  await file.setInputFiles(named('hall.png', await png(page, 90, 60)));
  await expect.poll(() => shownWidth(page)).toBe(90);
  await picture.fill(own);
  await expect(content).not.toContainText('hall.png ');

  // In a Markdown text a picture stands where the cursor is.
  await choose(page, page.getByRole('combobox', { name: '类型' }), 'Markdown');
  const text = content.getByRole('textbox', { name: '正文' });
  await text.fill('第一段第二段');
  await text.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(3, 3));
  await file.setInputFiles(named('map.png', await png(page, 70, 50)));
  await expect(text).toHaveValue(/^第一段\n\n!\[\]\(@[^)]+\)\n\n第二段$/);
  await expect.poll(() => shownWidth(page)).toBe(70);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '发给我自己' }).click();
  await expect(page.getByText('已发给你自己，请在工作通知里查看')).toBeVisible();
  expect(seen).toEqual([]);
});
