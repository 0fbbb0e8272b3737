// The apps: whom one may reach is changed without overwriting anybody, an app is
// switched off and on, and its first notification is sent as its page says.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { api, settled, watched, withRole } from './console';
import { card, expect, png, test, violations } from './journey';
import { App, type Person, type Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Told {
  enabled: boolean;
  installation: { agent_edition: string; range: { everyone: boolean; userids: string[]; people: number } };
}

const told = (tidings: Tidings, who: Person, agent: number) => api<Told>(tidings.base, who, 'GET', `/apps/${agent}`);
const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const still = { reducedMotion: 'reduce', viewport: { width: 1440, height: 900 } } as const;

/** Somebody else narrows the range to one person. */
async function narrow(tidings: Tidings, who: Person, agent: number, userid: string): Promise<void> {
  const { agent_edition } = (await told(tidings, who, agent)).installation;
  await api(tidings.base, who, 'PUT', `/apps/${agent}/range`, { agent_edition, userids: [userid] });
}

/** An app, with a token that a secret gave. */
async function appOf(tidings: Tidings, key: string, secret: string, agent: number): Promise<App> {
  const query = new URLSearchParams({ appkey: key, appsecret: secret });
  const answer = await fetch(`${tidings.base}/gettoken?${query}`);
  return new App(tidings.base, ((await answer.json()) as { access_token: string }).access_token, agent);
}

/** Chooses somebody whom the picker finds. */
async function pick(page: Page, person: Person): Promise<void> {
  await page.getByRole('searchbox', { name: '搜索部门、姓名或工号' }).fill(person.userid);
  await page.getByRole('list', { name: '人员' }).getByRole('checkbox').first().check();
}

test('a range is narrowed, and what somebody else has changed is not overwritten', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('班车');
  const [me, owner] = [withRole(tidings.first, 'administrator'), withRole(tidings.first, 'owner')];
  const [one, two, three] = [tidings.person(3), tidings.person(4), tidings.person(5)];
  const page = await signedIn(me, { ...still, colorScheme: 'light' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { name: '应用', level: 1 })).toBeFocused();
  await expect(page.getByRole('row', { name: /班车 内部应用 使用中 全员/ })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: '班车' }).click();
  await expect(page.getByRole('region', { name: '接入标识' })).toContainText(String(agent));
  expect(await violations(page)).toEqual([]);

  // From everyone to one person: the number follows.
  await page.getByRole('link', { name: '范围与权限' }).click();
  const range = part(page, '可用范围');
  await range.getByRole('button', { name: '修改' }).click();
  await range.getByRole('radio', { name: '指定部门和人员' }).check();
  await expect(range).toContainText('没有选择任何人');
  await pick(page, one);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('ControlOrMeta+s');
  await expect(page.getByText('已保存，现在可以发给 1 人')).toBeVisible();
  await expect(range).toContainText('1 人在范围内');
  await expect(range.getByRole('button', { name: '修改' })).toBeVisible();
  await expect(range.getByRole('list')).toContainText(one.name);

  // Another part of the app has changed meanwhile: that is nothing to ask about.
  await range.getByRole('button', { name: '修改' }).click();
  await pick(page, two);
  const before = await told(tidings, owner, agent);
  await api(tidings.base, owner, 'PUT', `/apps/${agent}/grants`, {
    agent_edition: before.installation.agent_edition,
    scopes: ['work_notification.send'],
    send_to_everyone: true,
    direct_send: true,
    composers: {},
  });
  await range.getByRole('button', { name: '保存' }).click();
  await expect(range).toContainText('2 人在范围内');

  // The same part has: both are shown, and theirs stays until one decides.
  await range.getByRole('button', { name: '修改' }).click();
  await pick(page, three);
  await narrow(tidings, owner, agent, owner.userid);
  await range.getByRole('button', { name: '保存' }).click();
  await expect(range.getByRole('alert')).toContainText('有人同时修改了这个应用');
  const beside = range.getByRole('row', { name: '可用范围' });
  await expect(beside.getByRole('cell').first()).toContainText(three.name);
  await expect(beside.getByRole('cell').last()).toHaveText(owner.name);
  expect(await violations(page)).toEqual([]);
  expect((await told(tidings, owner, agent)).installation.range.userids).toEqual([owner.userid]);
  await range.getByRole('button', { name: '用对方的' }).click();
  await expect(range).toContainText('1 人在范围内');

  await range.getByRole('button', { name: '修改' }).click();
  await pick(page, three);
  await narrow(tidings, owner, agent, two.userid);
  await range.getByRole('button', { name: '保存' }).click();
  await range.getByRole('button', { name: '保留我的' }).click();
  await expect(range).toContainText('2 人在范围内');
  expect((await told(tidings, owner, agent)).installation.range.userids.toSorted()).toEqual(
    [owner.userid, three.userid].toSorted(),
  );
  expect(seen).toEqual([]);
});

test('what is not saved is kept', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('会议室');
  const composer = tidings.person(6);
  const page = await signedIn(withRole(tidings.first, 'administrator'), { ...still, colorScheme: 'dark' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/apps/${agent}/range`);
  const grants = part(page, '权限');
  await grants.getByRole('button', { name: '修改' }).click();
  await grants.getByRole('switch', { name: '一次发给全员' }).click();
  await grants.getByRole('checkbox', { name: '上传图片、语音和文件' }).uncheck();
  await page.getByRole('link', { name: '概况' }).click();
  const asked = page.getByRole('dialog');
  await expect(asked).toContainText('还没有保存');
  expect(await violations(page)).toEqual([]);
  await asked.getByRole('button', { name: '留下继续' }).click();
  await expect(grants.getByRole('switch', { name: '一次发给全员' })).toBeChecked();
  await page.getByRole('link', { name: '概况' }).click();
  await asked.getByRole('button', { name: '先离开' }).click();
  await expect(page.getByRole('region', { name: '接入标识' })).toBeVisible();
  await page.getByRole('link', { name: '范围与权限' }).click();
  await grants.getByRole('button', { name: '恢复' }).click();
  await expect(grants.getByRole('switch', { name: '一次发给全员' })).toBeChecked();
  expect(await violations(page)).toEqual([]);
  await grants.getByRole('button', { name: '保存' }).click();
  await expect(grants.getByRole('listitem').filter({ hasText: '一次发给全员' })).toContainText(/[^不]允许/);
  await expect(grants.getByRole('listitem').filter({ hasText: '上传' })).toContainText('不允许');

  // A composer may use it under Compose from now on.
  const composers = part(page, '手动发送的人');
  await composers.getByRole('button', { name: '修改' }).click();
  await pick(page, composer);
  await composers.getByRole('button', { name: '保存' }).click();
  await expect(composers.getByRole('button', { name: '修改' })).toBeVisible();
  await expect(composers.getByRole('list')).toContainText(composer.name);
  const me = await api<{ compose_apps: { agent_id: string }[] }>(tidings.base, composer, 'GET', '/me');
  expect(me.compose_apps.map((a) => a.agent_id)).toContain(String(agent));
  expect(seen).toEqual([]);
});

for (const { locale, scheme, width, height, words } of [
  {
    locale: 'en',
    scheme: 'dark',
    width: 390,
    height: 844,
    words: {
      off: 'Switch off…',
      sure: 'Switch off',
      on: 'Switch on',
      isOff: 'Off',
      isOn: 'On',
      tokens: 'access tokens end',
    },
  },
  {
    locale: 'zh-CN',
    scheme: 'light',
    width: 1440,
    height: 900,
    words: { off: '停用…', sure: '停用应用', on: '启用', isOff: '已停用', isOn: '使用中', tokens: '访问令牌立即失效' },
  },
] as const) {
  test(`an app is switched off and on, ${locale}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const app = await tidings.newApp(`打印机 ${width}`);
    const me = withRole(tidings.first, 'administrator');
    const page = await signedIn(me, {
      locale,
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: { width, height },
    });
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console/apps`);
    await page.getByRole('link', { name: `打印机 ${width}` }).click();
    await page.getByRole('button', { name: words.off }).click();
    await expect(page.getByRole('dialog')).toContainText(words.tokens);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: words.sure, exact: true }).click();
    await expect(page.locator('.title-line .status')).toHaveText(words.isOff);
    await expect(app.text(me, 'no longer')).rejects.toThrow();
    await page.getByRole('button', { name: words.on, exact: true }).click();
    await expect(page.locator('.title-line .status')).toHaveText(words.isOn);
    expect(await violations(page)).toEqual([]);

    // Nothing is wider than a phone.
    for (const path of ['notifications', 'templates', 'apps', 'compose', `apps/${app.agent}/overview`]) {
      await page.goto(`${tidings.base}/console/${path}`);
      await settled(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(width);
    }
    // On it settings are read.
    await page.goto(`${tidings.base}/console/apps/${app.agent}/try`);
    await expect(page.locator('.code-block')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.goto(`${tidings.base}/console/apps/${app.agent}/range`);
    await expect(page.locator('.app-part')).toHaveCount(3);
    await expect(page.locator('.app-part .panel-head button').filter({ visible: true })).toHaveCount(
      width < 768 ? 0 : 3,
    );
    expect(await violations(page)).toEqual([]);
    expect(seen).toEqual([]);
  });
}

test('whoever may not change an app reads it, and its requests can be run', async ({ tidings, signedIn }) => {
  const [own] = tidings.first.apps;
  const developer = withRole(tidings.first, 'developer');
  const page = await signedIn(developer, { ...still, colorScheme: 'dark' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/apps/${own?.agent_id}`);
  await expect(page.getByRole('heading', { name: own?.name ?? '', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: '范围与权限' }).click();
  await expect(part(page, '可用范围')).toContainText('人在范围内');
  await expect(page.locator('main').getByRole('button', { name: /^(修改|停用)/ })).toHaveCount(0);

  await page.getByRole('link', { name: '试一试' }).click();
  const text = `It's "quoted" \\ 'twice' ${Date.now()}`;
  await page.getByRole('textbox', { name: '通知内容' }).fill(text);
  expect(await violations(page)).toEqual([]);
  const script = (await page.locator('.code-block pre').textContent()) ?? '';
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    env: { ...process.env, SECRET: own?.app_secret ?? '' },
  });
  expect(stdout).toMatch(/"errcode": ?0/);
  await page.goto(tidings.base);
  await expect(card(page, text)).toBeVisible();
  expect(seen).toEqual([]);
});

test('a developer creates an app, keeps its secret, and says what people see of it', async ({ tidings, signedIn }) => {
  const developer = withRole(tidings.first, 'developer');
  const page = await signedIn(developer, { ...still, locale: 'en', colorScheme: 'light' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/apps`);
  await page.getByRole('button', { name: 'New app' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Canteen');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create' }).click();

  // The secret is shown once, until somebody says that they have it; it is the one that the wire takes.
  await expect(dialog).toContainText('It reaches 1 person now');
  await expect(dialog.getByRole('button', { name: 'Open the app' })).toBeDisabled();
  await page.keyboard.press('Escape');
  const secret = (await dialog.locator('.secret-value code').textContent()) ?? '';
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('checkbox', { name: 'I have saved it' }).check();
  await dialog.getByRole('button', { name: 'Open the app' }).click();
  await expect(page.getByRole('heading', { name: 'Canteen', level: 1 })).toBeFocused();
  const agent = Number(new URL(page.url()).pathname.split('/').at(-2));
  const { app_key } = await api<{ app_key: string }>(tidings.base, developer, 'GET', `/apps/${agent}`);
  const app = await appOf(tidings, app_key, secret, agent);

  const about = part(page, 'About');
  await about.getByRole('button', { name: 'Change' }).click();
  await about.getByRole('textbox', { name: 'Name' }).fill('Canteen menu');
  await about.getByRole('textbox', { name: 'Page address' }).fill('not an address');
  const picture = { name: 'menu.png', mimeType: 'image/png', buffer: await png(page, 64, 64) };
  await about.locator('input[type=file]').setInputFiles(picture);
  await expect(about).toContainText('menu.png');
  const chosen = about.locator('img.avatar');
  await expect(chosen).toBeVisible();
  await expect.poll(() => chosen.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(64);
  await about.getByRole('button', { name: 'Save' }).click();
  await expect(about.getByRole('alert')).toContainText('A page address is one such as');
  expect(await violations(page)).toEqual([]);
  await about.getByRole('textbox', { name: 'Page address' }).fill('https://example.com/menu');
  await about.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Canteen menu', level: 1 })).toBeVisible();
  await expect(page.locator('.title-names img.avatar')).toBeVisible();

  await page.getByRole('link', { name: 'Trusted hosts' }).click();
  const hosts = part(page, 'Trusted hosts');
  await hosts.getByRole('button', { name: 'Change' }).click();
  await hosts.getByRole('textbox').fill('menu.example.com, example.com');
  await hosts.getByRole('button', { name: 'Save' }).click();
  await expect(hosts.getByRole('listitem')).toHaveText(['example.com', 'menu.example.com']);
  expect(await violations(page)).toEqual([]);

  await app.text(developer, 'Soup today');
  await page.goto(tidings.base);
  await expect(card(page, 'Soup today')).toContainText('Canteen menu');
  expect(seen).toEqual([]);
});

test('an app is tried from its page', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('Shuttle');
  const page = await signedIn(withRole(tidings.first, 'administrator'), {
    ...still,
    locale: 'en',
    colorScheme: 'light',
  });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/apps/${agent}/try`);
  await page.getByRole('button', { name: 'Send to me' }).click();
  await page.getByRole('link', { name: 'See the result' }).click();
  await expect(page.getByRole('heading', { name: 'First notification from Shuttle', level: 1 })).toBeVisible();
  expect(seen).toEqual([]);
});
test('a secret is made and used, and the one before it ends', async ({ tidings, signedIn }) => {
  const made = await tidings.admin<{ app_key: string; app_secret: string; agent_id: number }>(
    '--org',
    tidings.first.corp_id,
    'app',
    'create',
    '门禁',
  );
  const errcode = async (secret: string) => {
    const query = new URLSearchParams({ appkey: made.app_key, appsecret: secret });
    return ((await (await fetch(`${tidings.base}/gettoken?${query}`)).json()) as { errcode: number }).errcode;
  };
  const page = await signedIn(withRole(tidings.first, 'developer'), { ...still, colorScheme: 'dark' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/apps/${made.agent_id}/secrets`);
  const rows = page.getByRole('list', { name: '密钥' }).getByRole('listitem');
  await expect(rows).toHaveCount(1);
  await page.getByRole('button', { name: '新建密钥' }).click();
  const dialog = page.getByRole('dialog');
  const secret = (await dialog.locator('.secret-value code').textContent()) ?? '';
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('checkbox', { name: '已保存' }).check();
  await dialog.getByRole('button', { name: '完成' }).click();
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole('button', { name: '新建密钥' })).toBeDisabled();
  await expect(page.locator('main')).not.toContainText(secret);
  expect([await errcode(made.app_secret), await errcode(secret)]).toEqual([0, 0]);

  // On a phone too.
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await violations(page)).toEqual([]);
  await rows.last().getByRole('button', { name: '结束' }).click();
  await expect(dialog).toContainText('立即失效');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: '结束密钥' }).click();
  await expect(rows.last()).toContainText('已结束');
  expect(await errcode(made.app_secret)).not.toBe(0);
  expect(await errcode(secret)).toBe(0);
  expect(seen).toEqual([]);
});
test('an app has limits of its own', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('值班');
  const page = await signedIn(withRole(tidings.first, 'administrator'), { ...still, colorScheme: 'light' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/apps/${agent}/limits`);
  const limits = part(page, '限制');
  const perDay = limits.getByRole('row', { name: /每人每天收到的条数/ });
  await expect(perDay.getByRole('cell')).toHaveText(['500', '500', '500']);
  await limits.getByRole('button', { name: '修改' }).click();
  await limits.getByRole('textbox', { name: '每人每天收到的条数' }).fill('a few');
  await limits.getByRole('textbox', { name: '可撤回的时间' }).fill('48');
  expect(await violations(page)).toEqual([]);
  await limits.getByRole('button', { name: '保存' }).click();
  await expect(limits.getByRole('alert')).toContainText('「每人每天收到的条数」的值不对');
  await limits.getByRole('textbox', { name: '每人每天收到的条数' }).fill('20');
  await limits.getByRole('button', { name: '保存' }).click();
  await expect(perDay.getByRole('cell')).toHaveText(['20单独设置', '500', '500']);
  await expect(
    limits
      .getByRole('row', { name: /可撤回的时间/ })
      .getByRole('cell')
      .first(),
  ).toHaveText('48 小时单独设置');
  expect(await violations(page)).toEqual([]);
  const { own } = await api<{ own: object }>(
    tidings.base,
    withRole(tidings.first, 'owner'),
    'GET',
    `/apps/${agent}/limits`,
  );
  expect(own).toEqual({ messages_per_day: 20, recall_window: '48h' });
  expect(seen).toEqual([]);
});

/** An app has no icon, and has one then, on its page and in the list. */
async function givesIcon(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: '概况' }).click();
  const about = part(page, '基本信息');
  await about.getByRole('button', { name: '修改' }).click();
  const picture = { name: 'wallet.png', mimeType: 'image/png', buffer: await png(page, 48, 48) };
  await about.locator('input[type=file]').setInputFiles(picture);
  await expect(about).toContainText('wallet.png');
  const chosen = about.locator('img.avatar');
  await expect.poll(() => chosen.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(48);
  await about.getByRole('button', { name: '保存' }).click();
  const shown = page.locator('.title-names img.avatar');
  await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(48);
  await page.getByRole('link', { name: '应用', exact: true }).first().click();
  await expect(page.getByRole('row', { name }).locator('img.avatar')).toBeVisible();
  await page.getByRole('link', { name }).click();
}

test('a third-party app is installed, seen by its provider, and uninstalled', async ({ tidings, signedIn }) => {
  const made = await tidings.admin<{ suite_key: string }>(
    '--org',
    tidings.first.corp_id,
    'suite',
    'create',
    '报销 Expenses',
  );
  const provider = await signedIn(withRole(tidings.first, 'developer'), { ...still, colorScheme: 'light' });
  const page = await signedIn(withRole(tidings.second, 'administrator'), {
    ...still,
    locale: 'en',
    colorScheme: 'dark',
  });
  const seen = watched(page, tidings.base);

  // Its provider finds it before anybody has it.
  await provider.goto(`${tidings.base}/console/apps`);
  await expect(provider.getByRole('columnheader', { name: '最早的密钥' })).toBeVisible();
  await expect(provider.getByRole('row', { name: /报销 Expenses/ })).toContainText(/刚刚|分钟前/);
  await provider.getByRole('link', { name: '报销 Expenses' }).click();
  await provider.getByRole('link', { name: '凭证' }).click();
  await expect(part(provider, 'Suite 凭证')).toContainText(/Suite Ticket最新的生成于 (刚刚|\d+ ?分钟前)/);
  await expect(part(provider, 'Suite 凭证')).toContainText(made.suite_key);
  expect(await violations(provider)).toEqual([]);
  await givesIcon(provider, '报销 Expenses');
  await provider.getByRole('link', { name: '安装在' }).click();
  await expect(provider.getByText('还没有组织安装它')).toBeVisible();
  expect(await violations(provider)).toEqual([]);

  await page.goto(`${tidings.base}/console/apps`);
  await page.getByRole('button', { name: 'Install a third-party app' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Suite Key' }).fill(made.suite_key);
  await dialog.getByRole('radio', { name: 'Everyone' }).check();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Install', exact: true }).click();
  await expect(part(page, 'Range')).toContainText(/\d+ people in range/);
  await provider.reload();
  await expect(provider.getByRole('list', { name: '安装在' })).toContainText(tidings.second.name);
  await expect(provider.getByRole('list', { name: '安装在' })).toContainText('全员');

  await page.getByRole('button', { name: 'Uninstall…' }).click();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Uninstall', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Apps', level: 1 })).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await expect(page.getByRole('link', { name: '报销 Expenses' })).toHaveCount(0);
  expect(seen).toEqual([]);
});
