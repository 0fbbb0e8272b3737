// Signing in with a link, in several organizations, on several devices, and out.

import type { Page } from '@playwright/test';
import { expect, test } from './journey';

/** Signs out, and says yes when asked. */
async function signOut(page: Page): Promise<void> {
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click();
}

test('a link works once', async ({ tidings, browser, contextOptions }) => {
  const ann = tidings.person(10);
  const { sign_in_url: url } = await tidings.admin<{ sign_in_url: string }>(
    '--org',
    tidings.first.corp_id,
    'sign-in-link',
    ann.userid,
  );
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  await page.goto(url);
  await expect(page.locator('.account-button')).toContainText(ann.name);
  // The link is in no address bar and no history.
  expect(page.url()).not.toContain('tdl_');
  await page.reload();
  await expect(page.locator('.account-button')).toContainText(ann.name);
  // The cookie is out of reach for scripts.
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });

  const other = await (await browser.newContext(contextOptions)).newPage();
  await other.goto(url);
  await expect(other.getByRole('heading', { name: '登录链接已失效' })).toBeVisible();
  expect(other.url()).not.toContain('tdl_');
  await other.goto(`${tidings.base}/`);
  await expect(other.getByRole('heading', { name: '尚未登录' })).toBeVisible();
  await other.context().close();
  await context.close();
});

test('one browser in two organizations', async ({ tidings, signedIn }) => {
  const [ann] = tidings.second.users;
  const page = await signedIn(tidings.person(11));
  await page.goto(ann?.sign_in_url as string);
  await expect(page.locator('.account-organization')).toHaveText(tidings.second.name);
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: tidings.first.name }).click();
  await expect(page.locator('.account-organization')).toHaveText(tidings.first.name);
  expect(page.url()).toContain(tidings.first.corp_id);

  // Each organization's messages are its own.
  const app = await tidings.app(tidings.second);
  await app.text(ann as never, 'Only for the other organization');
  const ours = await tidings.app();
  await ours.text(tidings.person(11), '只给第一个组织');
  await expect(page.locator('.row-card').last()).toContainText('只给第一个组织');
  expect(await page.content()).not.toContain('Only for the other');
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: tidings.second.name }).click();
  await expect(page.locator('.row-card').last()).toContainText('Only for the other organization');

  // Signing out of one leaves the other.
  await signOut(page);
  await expect(page.locator('.account-organization')).toHaveText(tidings.first.name);
  await signOut(page);
  await expect(page.getByRole('heading', { name: '已退出登录' })).toBeVisible();
});

test('a session ended elsewhere is over at once', async ({ tidings, signedIn }) => {
  const ann = tidings.person(12);
  const [here, there] = [await signedIn(ann), await signedIn(ann)];
  await here.locator('.account-button').click();
  await here.getByRole('button', { name: '登录设备' }).click();
  const devices = here.locator('.devices:not(.tokens) li');
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: '当前设备' })).toHaveCount(1);
  await devices.filter({ hasNotText: '当前设备' }).getByRole('button', { name: '下线' }).click();
  await here
    .getByRole('dialog', { name: /^将.*下线？$/ })
    .getByRole('button', { name: '下线' })
    .click();
  await expect(devices).toHaveCount(1);
  await expect(there.getByRole('heading', { name: '登录已结束' })).toBeVisible();
  await here.keyboard.press('Escape');
  await expect(here.locator('.row-card').first()).toBeVisible();
});

test('somebody who leaves the organization is out', async ({ tidings, signedIn }) => {
  const ann = tidings.person(13);
  const page = await signedIn(ann);
  await tidings.admin('--org', tidings.first.corp_id, 'users', 'disable', ann.userid);
  await expect(page.getByRole('heading', { name: '登录已结束' })).toBeVisible();
  await tidings.admin('--org', tidings.first.corp_id, 'users', 'enable', ann.userid);
});

test('a used link leads whoever is signed in to their inbox', async ({ tidings, signedIn }) => {
  const ann = tidings.person(14);
  const page = await signedIn(ann);
  await page.goto(`${tidings.base}/#sign-in=tdl_1_${'a'.repeat(16)}_${'a'.repeat(26)}`);
  await expect(page.locator('.account-button')).toContainText(ann.name);
  const notice = page.locator('.used-link');
  await expect(notice).toContainText(ann.name);
  await notice.getByRole('button', { name: '关闭' }).click();
  await expect(notice).toBeHidden();
});

test('a link of somebody else asks first, and is used only then', async ({ tidings, signedIn }) => {
  const [ann, bob] = [tidings.person(15), tidings.person(16)];
  const { sign_in_url: url } = await tidings.admin<{ sign_in_url: string }>(
    ...['--org', tidings.first.corp_id, 'sign-in-link', bob.userid],
  );
  const page = await signedIn(ann);
  const ask = page.getByRole('heading', { name: '已有其他人登录' });
  await page.goto(url);
  await expect(ask).toBeVisible();
  expect(page.url()).not.toContain('tdl_');
  await page.getByRole('button', { name: `继续使用${ann.name}` }).click();
  await expect(page.locator('.account-button')).toContainText(ann.name);

  await page.goto(url); // it was not used
  await expect(ask).toBeVisible();
  await page.getByRole('button', { name: `改用${bob.name}登录` }).click();
  await expect(page.locator('.account-button')).toContainText(bob.name);
});

test('a card does not open a sign-in link', async ({ tidings, signedIn }) => {
  const [ann, bob] = [tidings.person(17), tidings.person(18)];
  const page = await signedIn(ann);
  await (await tidings.app()).text(ann, `打开 ${bob.sign_in_url} 查看`);
  const said = page.locator('.row-card').filter({ hasText: bob.sign_in_url });
  await expect(said).toBeVisible();
  await expect(said.locator(`a[href*="sign-in"]`)).toHaveCount(0);
});

test('signing out asks first and says whom to ask for a way back', async ({ tidings, signedIn }) => {
  await tidings.admin('org', 'update', tidings.first.corp_id, '--contact', 'IT 服务台，分机 5555');
  const ann = tidings.person(19);
  const page = await signedIn(ann);
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('IT 服务台，分机 5555');
  await dialog.getByRole('button', { name: '取消' }).click();
  await expect(page.locator('.account-button')).toContainText(ann.name);
  await signOut(page);
  await expect(page.getByRole('heading', { name: '已退出登录' })).toBeVisible();
  await expect(page.locator('.contact')).toContainText('IT 服务台，分机 5555');

  // What somebody pastes signs in as the opened link would.
  const field = page.getByLabel('登录链接');
  await field.fill('https://example.com/');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await field.fill(`请用 ${ann.sign_in_url} 登录`);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.locator('.account-button')).toContainText(ann.name);
});

test('API tokens are seen and revoked by their owner', async ({ tidings, signedIn }) => {
  const ann = tidings.person(20);
  const page = await signedIn(ann);
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '登录设备' }).click();
  const tokens = page.locator('.tokens li');
  await expect(tokens).toHaveCount(1);
  await tokens.getByRole('button', { name: '撤销' }).click();
  await page.getByRole('dialog', { name: '撤销“demo”？' }).getByRole('button', { name: '撤销' }).click();
  await expect(tokens).toHaveCount(0);
  const answer = await fetch(`${tidings.base}/api/v1/me`, { headers: { Authorization: `Bearer ${ann.api_token}` } });
  expect(answer.status).toBe(401);
});
