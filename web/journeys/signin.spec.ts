// Signing in with a link, in several organizations, on several devices, and out.

import { expect, test } from './journey';

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
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect(page.locator('.account-organization')).toHaveText(tidings.first.name);
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect(page.getByRole('heading', { name: '已退出登录' })).toBeVisible();
});

test('a session ended elsewhere is over at once', async ({ tidings, signedIn }) => {
  const ann = tidings.person(12);
  const [here, there] = [await signedIn(ann), await signedIn(ann)];
  await here.locator('.account-button').click();
  await here.getByRole('button', { name: '登录设备' }).click();
  const devices = here.locator('.devices li');
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: '当前设备' })).toHaveCount(1);
  await devices.filter({ hasNotText: '当前设备' }).getByRole('button', { name: '结束登录' }).click();
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
