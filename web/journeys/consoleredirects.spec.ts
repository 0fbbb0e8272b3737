// Where people are sent back to who sign in to an app's program: declared, refused as it
// is typed, and removed, by whoever may change the app.

import type { Page } from '@playwright/test';
import { api, watched, withRole } from './console';
import { expect, test, violations } from './journey';
import type { Person, Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
test.use({ contextOptions: { reducedMotion: 'reduce' } });

const section = (page: Page) => page.getByRole('region', { name: /登录回调地址|Sign-in addresses/ });
const declared = (tidings: Tidings, who: Person, agent: number) =>
  api<{ items: string[] }>(tidings.base, who, 'GET', `/apps/${agent}/redirect-uris`);

async function shown(page: Page, tidings: Tidings, agent: number): Promise<void> {
  await page.goto(`${tidings.base}/console/apps/${agent}/overview`);
  await expect(section(page)).toBeVisible();
}

test('addresses are declared and removed by keyboard, and refused as they are typed', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('登录门户');
  const developer = withRole(tidings.first, 'developer');
  const page = await signedIn(developer, { viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  const seen = watched(page, tidings.base);
  await shown(page, tidings, agent);
  await expect(section(page)).toContainText('还没有登记地址');
  const field = section(page).getByLabel('新地址');
  const add = section(page).getByRole('button', { name: '添加' });
  await expect(add).toBeDisabled();
  for (const [address, why] of [
    ['example.com/callback', '以小写的 https:// 开头'],
    ['http://example.com/callback', '只能用于本机'],
    ['https://example.com', '至少一个 /'],
    ['https://example.com/callback?next=1', '去掉 ?'],
    ['https://例子.example.com/callback', 'xn--'],
  ] as const) {
    await field.fill(address);
    await expect(field).toHaveAccessibleDescription(new RegExp(why.replace('?', '\\?')));
    await expect(add).toBeDisabled();
    await field.press('Enter'); // nothing is sent
  }
  await page.screenshot({ path: '../screenshots/console-redirects-refused-1440-zh.png' });
  expect((await declared(tidings, developer, agent)).items).toEqual([]);

  await field.fill('https://example.com/callback');
  await field.press('Enter');
  await expect(section(page).getByRole('listitem')).toHaveText(['https://example.com/callback']);
  await expect(field).toHaveValue('');
  await field.fill('https://example.com/callback');
  await expect(field).toHaveAccessibleDescription(/已经登记/);
  // Somebody else declares another meanwhile: it is not lost.
  await api(tidings.base, developer, 'PUT', `/apps/${agent}/redirect-uris`, {
    items: ['https://example.com/callback', 'https://other.example.com/cb'],
  });
  await field.fill('http://127.0.0.1:8080/callback');
  await field.press('Enter');
  await expect(section(page).getByRole('listitem')).toHaveCount(3);
  expect(await violations(page)).toEqual([]);

  const remove = section(page).getByRole('button', { name: '删除 https://example.com/callback' });
  await remove.focus();
  await remove.press('Enter');
  await expect(section(page).getByRole('listitem')).toHaveCount(2);
  await expect(section(page).getByRole('heading')).toBeFocused();
  expect((await declared(tidings, developer, agent)).items).toEqual([
    'http://127.0.0.1:8080/callback',
    'https://other.example.com/cb',
  ]);
  await page.getByRole('button', { name: '撤销' }).click();
  await expect(section(page).getByRole('listitem')).toHaveCount(3);
  expect(await violations(page)).toEqual([]);
  expect(seen).toEqual([]);
});

test('whoever may not change the app sees its addresses', async ({ tidings, signedIn }) => {
  const { agent } = await tidings.newApp('只读门户');
  await api(tidings.base, withRole(tidings.first, 'owner'), 'PUT', `/apps/${agent}/redirect-uris`, {
    items: ['https://example.com/callback'],
  });
  const page = await signedIn(withRole(tidings.first, 'auditor'), { viewport: { width: 1440, height: 900 } });
  await shown(page, tidings, agent);
  await expect(section(page).getByRole('listitem')).toHaveText(['https://example.com/callback']);
  await expect(section(page).getByRole('button')).toHaveCount(0);
  await expect(section(page).getByRole('textbox')).toHaveCount(0);
});

for (const [width, height, locale, colorScheme] of [
  [1440, 900, 'zh-CN', 'dark'],
  [1440, 900, 'en-US', 'light'],
  [390, 844, 'zh-CN', 'light'],
  [390, 844, 'en-US', 'dark'],
] as const) {
  test(`axe finds nothing in them, ${width} pixels, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    const { agent } = await tidings.newApp(`门户 ${width} ${locale}`);
    const developer = withRole(tidings.first, 'developer');
    await api(tidings.base, developer, 'PUT', `/apps/${agent}/redirect-uris`, {
      items: [
        'https://example.com/callback',
        `https://a-very-long-name-of-a-host.intranet.example.com:8443/${'path/'.repeat(12)}callback`,
      ],
    });
    const page = await signedIn(developer, { viewport: { width, height }, locale, colorScheme });
    await shown(page, tidings, agent);
    await expect(section(page).getByRole('listitem')).toHaveCount(2);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await section(page).scrollIntoViewIfNeeded();
    await page.screenshot({
      path: `../screenshots/console-redirects-${width}-${locale.slice(0, 2)}-${colorScheme}.png`,
    });
  });
}
