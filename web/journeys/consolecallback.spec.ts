// Where an app's program is told of changes in the directory, and a third-party app's of itself: set with a token and a key
// that the program has first, watched while it fails, tested and removed.

import type { Page } from '@playwright/test';
import { api, watched, withRole } from './console';
import { looks, picture, seenAs } from './consolelooks';
import { expect, test, violations } from './journey';
import { Listener } from './listener';
import type { Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
test.use({ contextOptions: { reducedMotion: 'reduce' } });

const section = (page: Page) => page.getByRole('region', { name: /事件回调|Event callbacks/ });
const dialog = (page: Page) => page.getByRole('dialog', { name: /事件回调|Event callbacks/ });

interface Made {
  agent: number;
  key: string;
  path: string;
}

/** An app of the organization whose language is English, so that nobody else's journey sees its departments. */
async function made(tidings: Tidings, name: string): Promise<Made> {
  const { agent } = await tidings.newApp(name, tidings.second);
  const developer = withRole(tidings.second, 'developer');
  const { app_key: key } = await api<{ app_key: string }>(tidings.base, developer, 'GET', `/apps/${agent}`);
  return { agent, key, path: `/apps/${agent}/callback` };
}

async function set(tidings: Tidings, { path }: Made, listener: Listener): Promise<void> {
  Object.assign(listener, { token: 'token', key: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456' });
  await api(tidings.base, withRole(tidings.second, 'developer'), 'PUT', path, {
    url: `${listener.url}?from=tidings`,
    events: ['org_dept_create', 'org_dept_modify', 'org_dept_remove', 'user_add_org', 'user_leave_org'],
    token: listener.token,
    aes_key: listener.key,
  });
}

/** A department is created, and the way back. */
async function happens(tidings: Tidings, { agent }: Made): Promise<() => Promise<unknown>> {
  const dept = (...args: string[]) =>
    tidings.admin<{ dept_id: number }>('--org', tidings.second.corp_id, 'dept', ...args);
  const { dept_id: id } = await dept('create', `Of ${agent}`);
  return () => dept('delete', String(id));
}

async function shown(page: Page, tidings: Tidings, agent: number): Promise<void> {
  await page.goto(`${tidings.base}/console/apps/${agent}/overview`);
  await expect(section(page)).toBeVisible();
}

test('a callback is set by keyboard, and hears of events', async ({ tidings, signedIn }) => {
  const app = await made(tidings, 'Payroll');
  const listener = await Listener.start(app.key);
  const developer = withRole(tidings.second, 'developer');
  const page = await signedIn(developer, {
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    colorScheme: 'light',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const seen = watched(page, tidings.base);
  await shown(page, tidings, app.agent);
  await expect(section(page)).toContainText('还没有设置');

  await section(page).getByRole('button', { name: '设置' }).press('Enter');
  const address = dialog(page).getByLabel('回调地址');
  const save = dialog(page).getByRole('button', { name: '检查并保存' });
  await expect(address).toBeFocused();
  await expect(save).toBeDisabled();
  await expect(dialog(page).getByRole('checkbox', { checked: true })).toHaveCount(6);
  await address.fill('http://10.0.0.1/events');
  const key = dialog(page).getByRole('textbox', { name: '密钥（aes_key）' });
  await key.fill('short');
  await expect(key).toHaveAccessibleDescription(/43 个/);
  await expect(save).toBeDisabled();
  await dialog(page).getByRole('button', { name: '随机生成' }).press('Enter');
  await expect(key).toHaveValue(/^[a-zA-Z0-9]{43}$/);
  await address.press('Enter');
  await expect(address).toHaveAccessibleDescription(/地址无法访问/);
  await address.fill('example.com');
  await address.press('Enter');
  await expect(address).toHaveAccessibleDescription(/完整的地址/);
  // The program does not know the token and the key yet.
  await address.fill(listener.url);
  await address.press('Enter');
  await expect(address).toHaveAccessibleDescription(/不是用这组/);
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: '../screenshots/console-callback-refused-1440-zh.png' });

  await dialog(page).getByRole('button', { name: '复制 密钥（aes_key）' }).click();
  listener.key = await page.evaluate(() => navigator.clipboard.readText());
  listener.token = await dialog(page).getByRole('textbox', { name: 'Token（token）' }).inputValue();
  await dialog(page)
    .getByRole('checkbox', { name: /员工资料变化/ })
    .uncheck();
  await address.press('Enter');
  await expect(dialog(page)).toBeHidden();
  await expect(section(page)).toContainText('正常');
  await expect(section(page)).toContainText(listener.url);
  await expect(section(page)).toContainText('员工加入');
  await expect(section(page)).not.toContainText('员工资料变化');
  await expect(section(page)).toContainText(app.key);

  const undo = await happens(tidings, app);
  await expect.poll(() => listener.heard.map((e) => e.EventType)).toEqual(['org_dept_create']);
  const checks = listener.checks;
  await section(page).getByRole('button', { name: '发送测试' }).click();
  await expect(section(page).getByRole('status')).toHaveText('测试成功：地址回应正确。');
  expect(listener.checks).toBe(checks + 1);
  // What is not changed stays: neither the token nor the key is asked for again.
  await section(page).getByRole('button', { name: '修改' }).click();
  await expect(address).toHaveValue(listener.url);
  await expect(key).toHaveCount(0);
  await dialog(page)
    .getByRole('checkbox', { name: /员工加入/ })
    .uncheck();
  await save.click();
  await expect(dialog(page)).toBeHidden();
  await expect(section(page)).not.toContainText('员工加入');
  expect(seen).toEqual([]);
  await undo();
  listener.stop();
});

test('a callback that fails says why, recovers by a test, and is removed', async ({ tidings, signedIn }) => {
  const app = await made(tidings, 'Attendance');
  const listener = await Listener.start(app.key);
  await set(tidings, app, listener);
  listener.away = 503;
  const undo = await happens(tidings, app);
  const page = await signedIn(withRole(tidings.second, 'developer'), {
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
  });
  await shown(page, tidings, app.agent);
  await expect(section(page)).toContainText('推送失败');
  await expect(section(page)).toContainText('状态码 503');
  await expect(section(page)).toContainText('下次尝试');
  await expect(section(page)).not.toContainText('from=tidings'); // what follows ? may be a token
  const test = section(page).getByRole('button', { name: '发送测试' });
  await test.click();
  await expect(section(page).getByRole('status')).toHaveText('地址回应了状态码 503，应为 200。');
  listener.away = 0;
  await test.click();
  await expect(section(page).getByRole('status')).toHaveText('测试成功：地址回应正确。');
  await expect.poll(() => listener.heard.length).toBe(1);
  await expect(section(page).getByText('正常', { exact: true })).toBeVisible({ timeout: 15_000 });

  await section(page).getByRole('button', { name: '删除回调' }).click();
  const sure = page.getByRole('dialog', { name: '删除这个事件回调？' });
  await expect(sure.getByRole('button', { name: '取消' })).toBeFocused();
  await sure.getByRole('button', { name: '删除回调' }).click();
  await expect(section(page)).toContainText('还没有设置');
  await expect(section(page).getByRole('heading')).toBeFocused();
  const { callback } = await api<{ callback: object | null }>(
    tidings.base,
    withRole(tidings.second, 'developer'),
    'GET',
    app.path,
  );
  expect(callback).toBeNull();
  await undo();
  listener.stop();
});

test('a third-party app that is installed nowhere is told of its ticket and of who installs it', async ({
  tidings,
  signedIn,
}) => {
  const [provider, receiver] = [tidings.second, tidings.first];
  const { suite_key: key } = await tidings.admin<{ suite_key: string }>(
    '--org',
    provider.corp_id,
    'suite',
    'create',
    'Visits',
  );
  const listener = await Listener.start(key);
  const page = await signedIn(withRole(provider, 'developer'), {
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.goto(`${tidings.base}/console/apps/${key}/overview`);
  await expect(section(page)).toContainText('也不知道谁安装了它');
  await section(page).getByRole('button', { name: '设置' }).click();
  await expect(dialog(page).getByRole('checkbox', { checked: true })).toHaveCount(10);
  await expect(dialog(page).getByRole('checkbox', { name: '有组织安装应用 tmp_auth_code' })).toBeChecked();
  // Its program knows the newer names.
  const names = dialog(page).getByRole('radiogroup', { name: '应用授权事件的名称' });
  await expect(names.getByRole('radio', { checked: true })).toHaveAccessibleName(/^tmp_auth_code, change_auth, suite_/);
  await dialog(page).getByRole('checkbox', { name: '有组织卸载应用 suite_relieve' }).uncheck();
  await names.getByText('org_suite_auth').click();
  await expect(dialog(page).getByRole('checkbox', { name: '有组织安装应用 org_suite_auth' })).toBeChecked();
  await expect(dialog(page).getByRole('checkbox', { name: '有组织卸载应用 org_suite_relieve' })).not.toBeChecked();
  await dialog(page).getByLabel('回调地址').fill(listener.url);
  await dialog(page).getByRole('button', { name: '随机生成' }).click();
  await dialog(page).getByRole('button', { name: '复制 密钥（aes_key）' }).click();
  listener.key = await page.evaluate(() => navigator.clipboard.readText());
  listener.token = await dialog(page).getByRole('textbox', { name: 'Token（token）' }).inputValue();
  expect(await violations(page)).toEqual([]);
  await dialog(page).getByRole('button', { name: '检查并保存' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(section(page)).toContainText('定期推送 Suite Ticket');
  await expect(section(page)).toContainText(key);
  const heard = (event: string) => listener.heard.filter((e) => e.EventType === event);
  await expect.poll(() => heard('suite_ticket').length).toBe(1);
  await section(page).getByRole('button', { name: '发送测试' }).click();
  await expect(section(page).getByRole('status')).toHaveText('测试成功：地址回应正确。');

  // What was chosen is there again, and is left as it was chosen.
  await section(page).getByRole('button', { name: '修改' }).click();
  await expect(names.getByRole('radio', { checked: true })).toHaveAccessibleName(/^org_suite_auth, /);
  await dialog(page).getByRole('checkbox', { name: '有组织卸载应用 org_suite_relieve' }).check();
  await dialog(page).getByRole('button', { name: '检查并保存' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(section(page)).toContainText('有组织卸载应用');

  // Whoever has it installed sees nothing of that.
  const { agent_id: agent } = await tidings.admin<{ agent_id: number }>(
    '--org',
    provider.corp_id,
    'suite',
    'install',
    key,
    '--in',
    receiver.corp_id,
  );
  await expect.poll(() => heard('org_suite_auth').map((e) => e.AuthCorpId)).toEqual([receiver.corp_id]);
  const theirs = await signedIn(withRole(receiver, 'developer'), { viewport: { width: 1440, height: 900 } });
  await theirs.goto(`${tidings.base}/console/apps/${agent}/overview`);
  await expect(theirs.getByText(key, { exact: true })).toBeVisible();
  await expect(section(theirs)).toHaveCount(0);
  listener.stop();
});

test('whoever may not change the app sees its callback', async ({ tidings, signedIn }) => {
  const app = await made(tidings, 'Read only');
  const listener = await Listener.start(app.key);
  await set(tidings, app, listener);
  const page = await signedIn(withRole(tidings.second, 'auditor'), { viewport: { width: 1440, height: 900 } });
  await shown(page, tidings, app.agent);
  await expect(section(page)).toContainText(listener.url);
  await expect(section(page).getByRole('button')).toHaveCount(0);
  listener.stop();
});

for (const look of looks) {
  const { name, locale, colorScheme } = look;
  test(`its states are pictured, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    const app = await made(tidings, `Pictures ${name} ${locale} ${colorScheme}`);
    const listener = await Listener.start(app.key);
    const page = await signedIn(withRole(tidings.second, 'developer'), seenAs(look));
    const pictured = async (what: string) => {
      await section(page).scrollIntoViewIfNeeded();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await picture(page, `callback-${what}`, look);
    };
    await shown(page, tidings, app.agent);
    await pictured('none');
    if (name === 'desktop') {
      await section(page).getByRole('button').click();
      await dialog(page)
        .getByRole('button', { name: /随机生成|Generate/ })
        .click();
      expect(await violations(page)).toEqual([]);
      await picture(page, 'callback-set', look);
    }
    await set(tidings, app, listener);
    await page.reload();
    await expect(section(page)).toContainText(listener.url);
    await pictured('well');
    // Given up after two hours, which nobody waits for here: the answer says so.
    await page.route(`**/api/v1${app.path}*`, async (route) => {
      const answer = await route.fetch();
      const told = await answer.json();
      Object.assign(told.callback, {
        failures: 31,
        waiting: 12,
        given_up: 3,
        next_attempt_at: new Date(Date.now() + 200_000).toISOString(),
        last_failure_at: new Date(Date.now() - 100_000).toISOString(),
        last_failure: { reason: 'unreachable', status: 0 },
      });
      await route.fulfill({ response: answer, json: told });
    });
    await page.reload();
    await expect(section(page)).toContainText('get_call_back_failed_result');
    await pictured('failing');
    await section(page)
      .getByRole('button', { name: /删除回调|Remove callback/ })
      .click();
    await expect(page.getByRole('dialog')).toContainText('15');
    expect(await violations(page)).toEqual([]);
    await picture(page, 'callback-remove', look);
    listener.stop();
  });
}
