// The first start on an empty installation: from the address that the server gives to an
// organization and its owner, with a browser alone.

import type { Page } from '@playwright/test';
import { watched } from './console';
import { looks, picture, seenAs } from './consolelooks';
import { Fresh } from './fresh';
import { test as base, expect, violations } from './journey';

/** Each journey has a server of its own, which ends with it. */
const test = base.extend<{ fresh: Fresh }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
  fresh: async ({}, use) => {
    const fresh = await Fresh.start();
    await use(fresh);
    await fresh.stop();
  },
});

test.describe.configure({ mode: 'parallel' });

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function fill(page: Page): Promise<void> {
  await page.getByLabel('组织名称').fill('云帆科技');
  await page.getByLabel('你的姓名').fill('林晓雨');
  await page.getByLabel('你的 userid').fill('linxiaoyu');
}

const make = (page: Page) => page.getByRole('button', { name: '创建组织' });

test('from the address of an empty server to its owner in the console, on a phone', async ({
  fresh,
  browser,
  contextOptions,
}) => {
  const context = await browser.newContext({ ...contextOptions, ...phone });
  const page = await context.newPage();
  const seen = watched(page, fresh.base);
  await page.goto(fresh.address);
  await expect(page.getByRole('heading', { name: '设置组织' })).toBeFocused();
  // The link is in no address bar and no history, and a reload loses nothing.
  expect(page.url()).toBe(`${fresh.base}/setup`);
  await page.reload();
  await expect(page.getByLabel('时区')).toHaveValue('Asia/Shanghai');

  await make(page).click();
  await expect(page.getByLabel('组织名称')).toBeFocused();
  await expect(page.getByRole('alert')).toHaveCount(3);
  await fill(page);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.getByLabel('组织名称').fill('云帆-科技');
  await make(page).click();
  await expect(page.getByLabel('组织名称')).toBeFocused();
  await expect(page.getByRole('alert')).toHaveText('名称最多 64 个字，不能有逗号和连字符。');
  await page.getByLabel('组织名称').fill('云帆科技');
  await expect(page.getByText('tidings admin sign-in-link linxiaoyu')).toBeVisible();
  await make(page).click();

  // The owner is in the console and sees what to do first.
  await expect(page).toHaveURL(/\/console\/notifications/);
  await expect(page.getByRole('heading', { name: '从这里开始' })).toBeVisible();
  await expect(page.getByRole('heading', { name: '创建应用' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => [document.cookie, sessionStorage.getItem('tidings.setup')])).toEqual(['', null]);
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });

  // An app is made at a desk.
  await expect(page.getByText('请在电脑上打开控制台创建。')).toBeVisible();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('link', { name: '前往应用' }).click();
  await page.getByRole('button', { name: '新建应用' }).click();
  await page.getByRole('dialog').getByLabel('名称').fill('人事通知');
  await page.getByRole('dialog').getByRole('button', { name: '创建' }).click();
  await expect(page.getByRole('dialog').getByText('人事通知')).toBeVisible();
  await page.goto(`${fresh.base}/console`);
  await expect(page.getByRole('img', { name: '已完成' })).toBeVisible();
  expect(seen).toEqual([]);

  // Whoever comes later is told that it is done, and whoever opens the server signs in.
  const other = await (await browser.newContext(contextOptions)).newPage();
  await other.goto(`${fresh.base}/setup#tdi_${'a'.repeat(26)}`);
  await expect(other.getByRole('heading', { name: '这台服务器已设置好' })).toBeVisible();
  expect(await violations(other)).toEqual([]);
  await other.getByRole('link', { name: '登录' }).click();
  await expect(other.getByRole('heading', { name: '尚未登录' })).toBeVisible();
  const { sign_in_url: url } = await fresh.admin<{ sign_in_url: string }>('sign-in-link', 'linxiaoyu');
  await other.goto(url);
  await expect(other.locator('.account-button')).toContainText('林晓雨');
  await other.context().close();
  await context.close();
});

test('whoever comes without a link is asked for one, and a keyboard is enough', async ({
  fresh,
  browser,
  contextOptions,
}) => {
  const page = await (await browser.newContext(contextOptions)).newPage();
  await page.goto(`${fresh.base}/`);
  await expect(page).toHaveURL(`${fresh.base}/setup`);
  await expect(page.getByRole('heading', { name: '打开设置链接' })).toBeFocused();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Tab');
  await page.keyboard.type('https://example.com/');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('设置链接').fill(`tdi_${'a'.repeat(26)}`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '设置链接已失效' })).toBeFocused();

  const { setup_url: another } = await fresh.admin<{ setup_url: string }>('setup-link');
  await page.getByLabel('设置链接').fill(` ${another.toUpperCase()} `);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '设置组织' })).toBeFocused();
  for (const text of ['云帆科技', '林晓雨', 'linxiaoyu']) {
    await page.keyboard.press('Tab');
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '从这里开始' })).toBeVisible();
  await page.context().close();
});

test('of two browsers one makes the organization, and the other is told', async ({
  fresh,
  browser,
  contextOptions,
}) => {
  const pages = await Promise.all([0, 1].map(async () => (await browser.newContext(contextOptions)).newPage()));
  for (const page of pages) {
    await page.goto(fresh.address);
    await fill(page);
  }
  const outcome = (page: Page) =>
    Promise.race([
      page
        .getByRole('heading', { name: '从这里开始' })
        .waitFor()
        .then(() => 'in'),
      page
        .getByRole('heading', { name: '这台服务器已设置好' })
        .waitFor()
        .then(() => 'done'),
    ]);
  await Promise.all(pages.map((page) => make(page).click()));
  expect((await Promise.all(pages.map(outcome))).sort()).toEqual(['done', 'in']);
  expect(await fresh.admin<unknown[]>('org', 'list')).toHaveLength(1);
  for (const page of pages) {
    await page.context().close();
  }
});

for (const look of looks) {
  test(`pictures of setting up, ${look.name}, ${look.locale}, ${look.colorScheme}`, async ({ fresh, browser }) => {
    const context = await browser.newContext({ ...seenAs(look), timezoneId: 'Asia/Shanghai' });
    const page = await context.newPage();
    const take = async (what: string) => {
      expect(await violations(page)).toEqual([]);
      await picture(page, `setup-${what}`, look, true);
    };
    await page.goto(`${fresh.base}/setup`);
    await page.locator('.paste').waitFor();
    await take('link');
    await page.goto(fresh.address);
    await page.reload();
    await page.locator('.setup-form').waitFor();
    await take('form');
    await page.locator('.setup-form button').click();
    await page.locator('[name=userid]').fill('linxiaoyu');
    await take('wrong');
    await page.locator('[name=organization]').fill('云帆科技');
    await page.locator('[name=name]').fill('林晓雨');
    await page.locator('.setup-form button').click();
    await page.locator('.first-steps').waitFor();
    await take('first');
    await page.goto(`${fresh.base}/setup`);
    await page.locator('.notice').waitFor();
    await take('done');
    await context.close();
  });
}
