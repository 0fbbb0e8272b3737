// The frame of the console: who gets in, what leads where, and its states.

import { watched, withRole } from './console';
import { expect, some, test, violations } from './journey';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('whoever is not signed in signs in and comes back', async ({ tidings, browser, contextOptions }) => {
  const context = await browser.newContext(contextOptions);
  const page = await context.newPage();
  await page.goto(`${tidings.base}/console/reviews`);
  await expect(page.getByRole('heading', { name: '尚未登录' })).toBeVisible();
  const reviewer = withRole(tidings.first, 'reviewer');
  await page.getByRole('textbox').fill(reviewer.sign_in_url);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: '待审', level: 1 })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/console/reviews');

  // And out again.
  await page.getByRole('button', { name: `我：${reviewer.name}` }).click();
  await page.getByRole('menuitem', { name: '退出登录' }).click();
  await expect(page.getByRole('heading', { name: '尚未登录' })).toBeVisible();
  await context.close();
});

test('an ended session leads to signing in', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'reviewer'));
  await page.goto(`${tidings.base}/console/reviews`);
  await expect(page.getByRole('heading', { name: '待审', level: 1 })).toBeVisible();
  await page.context().clearCookies();
  // Not a reload: the page may be on its way there by itself.
  const again = await page.context().newPage();
  await again.goto(`${tidings.base}/console/reviews`);
  await expect(again.getByRole('heading', { name: '尚未登录' })).toBeVisible();
});

for (const { scheme, width } of some(
  [
    { scheme: 'light', width: 390 },
    { scheme: 'dark', width: 1440 },
    { scheme: 'light', width: 1440 },
    { scheme: 'dark', width: 390 },
  ] as const,
  1,
)) {
  test(`the frame, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const reviewer = withRole(tidings.first, 'reviewer');
    const page = await signedIn(reviewer, {
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: { width, height: 844 },
    });
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console/reviews`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText(tidings.first.name);
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: `我：${reviewer.name}` }).click();
    await expect(page.getByRole('menu')).toContainText('审核人');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toBeHidden();
    if (width < 768) {
      await page.getByRole('button', { name: '打开导航' }).click();
      await expect(page.getByRole('dialog').getByRole('link', { name: '待审' })).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('dialog').getByText('English').click();
      await expect(page.getByRole('heading', { name: 'Reviews', level: 1 })).toBeVisible();
    }

    await page.goto(`${tidings.base}/console/nothing-here`);
    await expect(page.getByRole('heading', { name: width < 768 ? 'Nothing is here' : '找不到这个页面' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    expect(seen).toEqual([]);
  });
}

test('the keyboard alone leads everywhere', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'reviewer'));
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/reviews`);
  await expect(page.getByRole('heading', { name: '待审', level: 1 })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('g r');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // The language, by keys; the page is the same one in other words.
  await page.getByRole('button', { name: '语言' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('menuitem', { name: 'English' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Reviews', level: 1 })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');

  // Both themes have exactly the colours of the tokens.
  await page.route('**/api/v1/template-reviews*', (r) => r.fulfill({ status: 503, json: problem }));
  await page.getByRole('button', { name: 'Theme' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Dark' }).focus();
  await page.keyboard.press('Enter');
  await page.reload();
  await expect(page.getByText('The server is busy')).toBeVisible();
  await expect(page.getByText(problem.request_id)).toBeVisible();
  const again = page.getByRole('button', { name: 'Retry' });
  await expect(again).toHaveCSS('background-color', 'rgb(107, 161, 255)');
  await expect(again).toHaveCSS('color', 'rgb(11, 18, 32)');
  await page.evaluate(() => {
    localStorage.setItem('tidings.theme', 'light');
    dispatchEvent(new Event('tidings-theme'));
  });
  await expect(again).toHaveCSS('background-color', 'rgb(9, 88, 217)');
  expect(await violations(page)).toEqual([]);

  await page.unroute('**/api/v1/template-reviews*');
  await again.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('The server is busy')).toBeHidden();
  expect(seen).toEqual([]);
});

const problem = {
  title: 'Unavailable',
  status: 503,
  code: 'busy',
  detail: 'busy',
  request_id: 'r-made-for-this-journey',
};

test('who may open nothing is told whom to ask', async ({ tidings, signedIn }) => {
  const someone = tidings.first.users.find((u) => u.roles.every((role) => role === 'employee'));
  const page = await signedIn(someone as never);
  await page.goto(`${tidings.base}/console`);
  await expect(page.getByRole('heading', { name: '控制台里没有对你开放的页面' })).toBeVisible();
  await expect(page.getByText('可以授予你角色的人')).toContainText(withRole(tidings.first, 'administrator').name);
  await page.goto(`${tidings.base}/console/reviews`);
  await expect(page.getByText('能打开的角色：审核人')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('another organization is chosen in the header', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'reviewer'));
  await page.goto(withRole(tidings.second, 'reviewer').sign_in_url);
  await page.locator('.chat').waitFor();
  await page.goto(`${tidings.base}/console`);
  await page.getByRole('button', { name: `组织：${tidings.first.name}` }).click();
  await page.getByRole('menuitem', { name: tidings.second.name }).click();
  await expect(page.getByRole('button', { name: `组织：${tidings.second.name}` })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/console/templates\\?org=${tidings.second.corp_id}`));
});
