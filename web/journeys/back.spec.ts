// Back closes what has opened and goes to where one was before; it leaves the
// page last. And the same by keyboard, and told to who cannot see it.

import { card, expect, png, some, test } from './journey';

for (const viewport of some(
  [
    { width: 390, height: 844 },
    { width: 1440, height: 900 },
  ],
  0,
)) {
  test(`back from a picture, a dialog and a filter, ${viewport.width} pixels`, async ({ tidings, signedIn }) => {
    const ann = tidings.person(viewport.width === 390 ? 40 : 41);
    const app = await tidings.app();
    const page = await signedIn(ann, { viewport });
    const picture = await app.upload('image', 'small.png', await png(page, 90, 60));
    const quiet = await tidings.newApp(`安静 ${viewport.width}`);
    await quiet.text(ann, '一条安静的消息');
    await app.send(ann, { msgtype: 'image', image: { media_id: picture } });
    await app.text(ann, '外链 https://news.example.com/a');
    await expect(page.locator('.row-card').last()).toContainText('外链');
    const dialog = page.getByRole('dialog');
    const before = await page.evaluate(() => history.length);

    await page.locator('img.td-picture').last().focus();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeVisible();
    await page.goBack();
    await expect(dialog).toHaveCount(0);
    await expect(page.locator('img.td-picture').last()).toBeFocused();

    await page.locator('a[data-host="news.example.com"]').click();
    await expect(dialog).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect.poll(() => page.evaluate(() => history.state?.over)).toBeUndefined();

    await page.locator('.account-button').click();
    await page.getByRole('button', { name: '退出登录' }).click();
    await expect(dialog).toBeVisible();
    await page.goBack();
    await expect(dialog).toHaveCount(0);

    await page
      .locator('.choice')
      .filter({ hasText: `安静 ${viewport.width}` })
      .click();
    await expect(card(page, '外链')).toHaveCount(0);
    expect(new URL(page.url()).searchParams.get('app')).toBe(String(quiet.agent));
    await page.goBack();
    await expect(card(page, '外链')).toBeVisible();
    await page.goForward();
    await expect(card(page, '一条安静的消息')).toBeVisible();
    await expect(card(page, '外链')).toHaveCount(0);
    // On a phone the chosen one is still in sight after a reload.
    await page.reload();
    await expect(page.locator('.choice[aria-pressed="true"]')).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(before + 2);
  });
}

test('Back pressed as soon as a dialog is there closes it', async ({ tidings, signedIn }) => {
  const page = await signedIn(tidings.person(43));
  await page.evaluate(() => {
    const seen = new MutationObserver(() => {
      if (document.querySelector('dialog[open]')) {
        seen.disconnect();
        history.back();
      }
    });
    seen.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await page.locator('.account-button').click();
  await page.getByRole('button', { name: '退出登录' }).click();
  await expect.poll(() => page.evaluate(() => history.state?.over)).toBeUndefined();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.locator('.chat')).toBeVisible();
});

test('a dialog that opens while the one before is being left stays', async ({ tidings, signedIn }) => {
  const ann = tidings.person(43);
  const app = await tidings.app();
  const page = await signedIn(ann);
  await app.text(ann, '外链 https://news.example.com/b');
  const link = page.locator('a[data-host="news.example.com"]').last();
  await link.click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await link.evaluate((a: HTMLAnchorElement) => {
    const back = history.back.bind(history);
    history.back = () => {
      history.back = back;
      back();
      a.click();
    };
  });
  await page.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  await expect.poll(() => page.evaluate(() => history.state?.over)).toBe(1);
  await expect(dialog).toBeVisible();
  await page.goBack();
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('.chat')).toBeVisible();
});

test('new messages are announced together', async ({ tidings, signedIn }) => {
  const ann = tidings.person(42);
  const app = await tidings.newApp('播报');
  const page = await signedIn(ann);
  const status = page.locator('[data-announced]');
  await expect(status).toHaveText('');
  await status.evaluate((e) => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => e.textContent && said.push(e.textContent)).observe(e, {
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
  for (let n = 1; n <= 8; n++) {
    await app.text(ann, `第${n}条`); // one after the other, each is heard by itself
  }
  const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
  const count = (texts: string[]) => texts.reduce((sum, text) => sum + Number.parseInt(text, 10), 0);
  await expect.poll(async () => count(await said())).toBe(8);
  expect((await said()).length).toBeLessThanOrEqual(4); // on a slow machine they take longer than they are gathered
  await expect(status).toHaveText(/^\d 条新消息，最新一条来自播报$/);
  // The same words again are a change of the text, or they would not be heard.
  for (let n = 1; n <= 2; n++) {
    const before = (await said()).length;
    await app.text(ann, `又一条，第${n}次`);
    await expect.poll(async () => (await said()).slice(before)).toEqual(['1 条新消息，最新一条来自播报']);
  }
});
