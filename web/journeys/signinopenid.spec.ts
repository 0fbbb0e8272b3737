// Signing in with an account of the company's own provider, as employees do.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Fresh } from './fresh';
import { expect, full, test as given, violations } from './journey';
import { OpenID } from './openid';

const people = [
  { userid: 'ann', name: '安小林' },
  { userid: 'bob', name: '鲍伯文' },
  { userid: 'owner', name: '欧阳主管' },
];
const accounts = [...people, { userid: 'guest', name: '访客' }].map(({ userid, name }) => ({
  sub: `subject-of-${userid}`,
  preferred_username: userid,
  name,
  email: `${userid}@example.com`,
  email_verified: true,
}));

/** A server with an organization whose people have accounts at a provider. */
class Company {
  private constructor(
    readonly server: Fresh,
    readonly provider: OpenID,
    readonly corpID: string,
  ) {}

  static async start(): Promise<Company> {
    const [server, provider] = await Promise.all([Fresh.start(), OpenID.start(accounts)]);
    const organization = await server.admin<{ corp_id: string }>('org', 'create', '云帆科技');
    const list = file(
      'people.csv',
      ['userid,name,email', ...people.map((p) => `${p.userid},${p.name},${p.userid}@example.com`)].join('\n'),
    );
    await server.admin('user', 'import', list);
    await server.admin('user', 'update', 'owner', '--role', 'owner');
    const source = await server.admin<{ source: string; redirect_uri: string }>(
      'sign-in',
      'create',
      file(
        'source.json',
        JSON.stringify({
          name: '公司账号',
          kind: 'oidc',
          settings: {
            issuer: provider.issuer,
            client_id: OpenID.client.id,
            match: { claim: 'preferred_username', field: 'userid' },
          },
          secret: OpenID.client.secret,
        }),
      ),
    );
    provider.allow(source.redirect_uri);
    await server.admin('sign-in', 'enable', '公司账号', '--untested');
    return new Company(server, provider, organization.corp_id);
  }

  /** The organization's page for signing in. */
  get page(): string {
    return `${this.server.base}/o/${this.corpID}`;
  }

  async stop(): Promise<void> {
    await Promise.all([this.server.stop(), this.provider.stop()]);
  }
}

const files = new Map<string, string>();
function file(name: string, content: string): string {
  const path = files.get(name) ?? join(tmpdir(), `tidings-journey-${process.pid}-${name}`);
  writeFileSync(path, content, { mode: 0o600 });
  files.set(name, path);
  return path;
}

const test = given.extend<object, { company: Company }>({
  company: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern
    async ({}, use) => {
      const company = await Company.start();
      await use(company);
      await company.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});

const way = (page: Page) => page.getByRole('button', { name: '用公司账号登录' });
const title = (page: Page, name: string) => page.getByRole('heading', { name });

/** Says at the provider who one is; '' cancels. */
async function be(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: name === '' ? 'Cancel' : name, exact: true }).click();
}

test('an employee signs in on a phone, and again after signing out', async ({ company, browser, contextOptions }) => {
  const context = await browser.newContext({ ...contextOptions, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(company.page);
  await expect(title(page, '尚未登录')).toBeFocused(); // read aloud
  await page.keyboard.press('Tab');
  await expect(way(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await be(page, '安小林');
  await expect(page.locator('.account-button')).toContainText('安小林');
  const address = new URL(page.url());
  expect([address.pathname, address.search, address.hash]).toEqual(['/', `?org=${company.corpID}`, '']);
  const cookies = (await context.cookies()).filter((c) => c.name.includes('try'));
  expect(cookies).toEqual([]);

  // Whoever is signed in needs no page for it.
  await page.goto(company.page);
  await expect(page.locator('.account-button')).toContainText('安小林');

  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('此设备不再显示工作通知');
  await expect(dialog).not.toContainText('登录链接');
  await dialog.getByRole('button', { name: '退出登录' }).click();
  await expect(title(page, '已退出登录')).toBeVisible();
  await way(page).click();
  await be(page, '安小林');
  await expect(page.locator('.account-button')).toContainText('安小林');
  await context.close();
});

test('whoever is linked to nobody gives the administrator a code', async ({ company, browser, contextOptions }) => {
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  await page.goto(company.page);
  await way(page).click();
  await be(page, '访客');
  await expect(title(page, '你的账号还没有关联')).toBeVisible();
  await expect(page.getByText('你在公司账号的账号是 guest')).toBeVisible();
  const code = (await page.locator('.out-code code').textContent()) as string;
  expect(page.url()).not.toContain(code); // in no history
  await company.server.admin('sign-in', 'link', code, 'bob');
  await way(page).click();
  await be(page, '访客');
  await expect(page.locator('.account-button')).toContainText('鲍伯文');
  await context.close();
});

test('somebody with a role is linked by hand, and comes back to the page of the console', async ({
  company,
  browser,
  contextOptions,
}) => {
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  await page.goto(`${company.server.base}/console/apps`);
  await way(page).click();
  await be(page, '欧阳主管');
  await expect(title(page, '你的账号还没有关联')).toBeVisible(); // a claim gives nobody rights
  const code = (await page.locator('.out-code code').textContent()) as string;
  await company.server.admin('sign-in', 'link', code, 'owner');
  await way(page).click();
  await be(page, '欧阳主管');
  await expect(page).toHaveURL(/\/console\/apps/);
  await expect(page.getByRole('heading', { name: '应用', level: 1 })).toBeVisible();
  await context.close();
});

test('a sign-in that comes to nothing says why, and is begun again', async ({ company, browser, contextOptions }) => {
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  await page.goto(company.page);
  await way(page).click();
  await be(page, '');
  await expect(title(page, '没有登录')).toBeVisible();
  await expect(page.getByText('公司账号没有让你登录')).toBeVisible();
  await page.reload();
  await expect(title(page, '尚未登录')).toBeVisible(); // it is said once

  // What was begun here is of no use in another browser, nor twice.
  let back = '';
  page.on('request', (request) => {
    if (request.url().includes('/callback?')) {
      back = request.url();
    }
  });
  await way(page).click();
  const elsewhere = await browser.newContext(contextOptions);
  const other = await elsewhere.newPage();
  await be(page, '安小林');
  await expect(page.locator('.account-button')).toContainText('安小林');
  expect(back).not.toBe('');
  await other.goto(back);
  await expect(title(other, '请在这里重新登录')).toBeVisible();
  await way(other).click();
  await be(other, '安小林');
  await expect(other.locator('.account-button')).toContainText('安小林');
  await Promise.all([context.close(), elsewhere.close()]);
});

test('a source that was switched off is no way in', async ({ company, browser, contextOptions }) => {
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  await page.goto(company.page);
  await expect(way(page)).toBeVisible();
  await company.server.admin('sign-in', 'disable', '公司账号', '--keep-sessions');
  try {
    await way(page).click();
    await expect(page.getByLabel('登录链接')).toBeVisible(); // as where there are no sources
    await expect(way(page)).toHaveCount(0);
  } finally {
    await company.server.admin('sign-in', 'enable', '公司账号', '--untested');
  }
  // An organization that is not there looks no other.
  await page.goto(`${company.server.base}/o/nobody`);
  await expect(page.getByLabel('登录链接')).toBeVisible();
  await context.close();
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of full ? [390, 1440] : [scheme === 'light' ? 390 : 1440]) {
    for (const locale of full ? ['zh-CN', 'en'] : [scheme === 'light' ? 'zh-CN' : 'en']) {
      test(`axe finds nothing where one signs in, ${scheme}, ${width} pixels, ${locale}`, async ({
        company,
        browser,
      }) => {
        const context = await browser.newContext({ locale, colorScheme: scheme, viewport: { width, height: 844 } });
        const page = await context.newPage();
        const shot = (what: string) =>
          page.screenshot({ path: `../screenshots/sign-in-${what}-${width}-${locale.slice(0, 2)}-${scheme}.png` });
        await page.goto(company.page);
        await page.locator('.out-ways button').waitFor();
        expect(await violations(page)).toEqual([]);
        await shot('ways');
        await page.locator('summary').click();
        expect(await violations(page)).toEqual([]);
        await shot('link');
        for (const refusal of [
          'signin_waiting&source=公司账号&shown=zhang.weiwei@example.com&ref=4f7k-2pqx',
          'signin_refused&source=公司账号',
          'signin_throttled&minutes=7',
          'signin_expired',
          'signin_elsewhere',
          'signin_off',
          'signin_source_down&source=公司账号',
          'busy',
        ]) {
          await page.goto('about:blank');
          await page.goto(`${company.page}#${refusal}`);
          await page.locator('.out-ways button').waitFor();
          await expect(page.locator('h1')).not.toHaveText(/^( does not|没有响应)/); // it names who does not answer
          expect(await violations(page), refusal).toEqual([]);
          await shot(refusal.split('&')[0] as string);
        }
        await context.close();
      });
    }
  }
}
