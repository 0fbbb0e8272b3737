// Two organizations in one browser: what is unread in the other one shows, and
// the end of one's session is not passed over in silence.

import { card, expect, test } from './journey';

test('the other organization shows what is unread, and an ended session says so', async ({ tidings, signedIn }) => {
  const ann = tidings.person(48);
  const [other] = tidings.second.users;
  const page = await signedIn(ann);
  await page.goto(other?.sign_in_url as string);
  await expect(page.locator('.account-organization')).toHaveText(tidings.second.name);

  const app = await tidings.newApp('别处');
  await app.text(ann, '别处的消息');
  await page.reload();
  await expect(page.locator('.elsewhere')).toBeVisible();
  await page.locator('.account-button').click();
  const row = page.locator('.menu-item').filter({ hasText: tidings.first.name });
  await expect(row.locator('.badge [aria-hidden]')).toHaveText(/^\d+\+?$/);
  await row.click();
  await expect(card(page, '别处的消息')).toBeVisible();
  await page.goBack();
  await expect(page.locator('.account-organization')).toHaveText(tidings.second.name);
  await page.goForward();
  await expect(page.locator('.account-organization')).toHaveText(tidings.first.name);

  // Ended from elsewhere, as on another device.
  await page.evaluate(async (org) => {
    await fetch(`/api/v1/sessions/current?org=${org}`, { method: 'DELETE' });
  }, tidings.first.corp_id);
  await expect(page.locator('.account-organization')).toHaveText(tidings.second.name);
  await expect(page.getByText(`你在“${tidings.first.name}”的登录已结束`)).toBeVisible();
  // And so is an address of an organization that one is not signed in to.
  await page.goto(`${tidings.base}/?org=${tidings.first.corp_id}`);
  await expect(page.getByText('你没有登录那个组织')).toBeVisible();
});
