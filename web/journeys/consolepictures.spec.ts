// Pictures of the console, for people to look at: screenshots/ in the
// repository's root, which is not committed.

import type { Page } from '@playwright/test';
import { lookFurther, settled, waiting, withRole } from './console';
import { looks, picture, seenAs } from './consolelooks';
import { expect, test } from './journey';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const look of looks) {
  const { name, locale, colorScheme } = look;
  test(`the console, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    const take = (page: Page, what: string, fullPage = false) => picture(page, what, look, fullPage);
    const organization = locale === 'en' ? tidings.second : tidings.first;
    const own = organization.apps[0]?.agent_id ?? 0;
    await waiting(tidings, organization, own, locale === 'en' ? 'Return received' : '退货入库');
    const developer = await signedIn(withRole(organization, 'developer'), seenAs(look));
    await developer.goto(`${tidings.base}/console/notifications`);
    await expect(developer.getByRole('row').nth(1)).toBeVisible();
    await settled(developer);
    await take(developer, 'notifications');
    await developer.getByRole('row').nth(1).getByRole('button').click();
    await expect(developer.getByRole('menu')).toBeVisible();
    await take(developer, 'notifications-menu');
    await developer.keyboard.press('Escape');
    // By a search: what other journeys have sent stands before it.
    const title = locale === 'en' ? 'Travel expenses' : '年假申请';
    await developer.goto(`${tidings.base}/console/notifications?q=${encodeURIComponent(title)}`);
    const found = developer.getByRole('link', { name: title }).first();
    await lookFurther(developer, found);
    await found.click();
    await expect(developer.locator('.step').first()).toBeVisible();
    await take(developer, 'notification');
    await developer.getByRole('button', { name: /^(未读|Unread)/ }).click();
    await developer.locator('.person').first().scrollIntoViewIfNeeded();
    await take(developer, 'notification-people');
    await developer.getByRole('button', { name: /^(修改状态|Change status)/ }).click();
    await developer
      .getByRole('dialog')
      .getByRole('textbox')
      .fill(locale === 'en' ? 'Agreed' : '已同意');
    await take(developer, 'notification-status');
    const page = await signedIn(withRole(organization, 'reviewer'), seenAs(look));
    await page.goto(`${tidings.base}/console/reviews`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await settled(page);
    await take(page, 'reviews');
    await page.locator('.row-link').last().click();
    await expect(page.getByRole('heading', { level: 1, name: / v\d/ })).toBeVisible();
    await settled(page);
    await take(page, 'review', true);
    await page.getByRole('button', { name: /^(我|Me)/ }).click();
    await expect(page.getByRole('menu')).toBeVisible();
    await take(page, 'me');
    await page.keyboard.press('Escape');
    if (name === 'phone') {
      await page.getByRole('button', { name: /^(打开导航|Open the menu)/ }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await take(page, 'menu');
      await page.keyboard.press('Escape');
    }
    const writer = await signedIn(withRole(tidings.first, 'author'), seenAs(look));
    await writer.goto(`${tidings.base}/console/templates`);
    await expect(writer.locator('.template-card').first()).toBeVisible();
    await settled(writer);
    await take(writer, 'templates', true);
    await writer.locator('.template-card', { hasText: 'First day' }).getByRole('link').click();
    await writer.getByRole('button', { name: /^(编辑为|Edit as)/ }).click();
    await expect(writer.locator('.text-field')).toBeVisible();
    await settled(writer);
    await take(writer, 'editor', true);
    const sender = await signedIn(withRole(organization, 'administrator'), seenAs(look));
    await composePictures(sender, `${tidings.base}/console/compose`, (what) => take(sender, what));
    await appPictures(sender, `${tidings.base}/console/apps`, own, (what) => take(sender, what, true));
    await page.goto(`${tidings.base}/console/nothing-here`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await take(page, 'missing');
    const employee = organization.users.find((u) => u.roles.every((role) => role === 'employee'));
    const other = await signedIn(employee as never, seenAs(look));
    await other.goto(`${tidings.base}/console/reviews`);
    await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
    await take(other, 'denied');
  });
}

/** A notification that is written, for a department and some people of a list. */
async function composePictures(page: Page, address: string, take: (what: string) => Promise<unknown>): Promise<void> {
  const pane = async (n: number) => {
    const steps = page.locator('.compose-step');
    await expect(steps.first()).toBeAttached();
    if (await steps.first().isVisible()) {
      await steps.nth(n).click();
    }
  };
  const counted = () => expect(page.locator('.compose-outcome[data-old="false"]')).toHaveCount(1);
  await page.goto(address);
  await expect(page.locator('.pick')).not.toHaveCount(0);
  await take('compose-empty');
  await page
    .locator('.compose-content textarea')
    .fill('周六 8:00–12:00 三楼东区停电，请提前保存工作。\nNo power on the third floor on Saturday.');
  await expect(page.locator('.compose-card .card')).toBeVisible();
  await take('compose-content');
  await pane(1);
  await page.locator('.pick input').nth(0).check();
  await page.locator('.pick input').nth(1).check();
  await counted();
  await take('compose-people');
  await page.getByRole('button', { name: /^(粘贴名单|Paste a list)$/ }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('0001\n0002\n0003\nnobody-1\nnobody-2\nnobody-1');
  await take('compose-list');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(匹配|Match)$/ })
    .click();
  await expect(page.locator('.names-list')).toBeVisible();
  await take('compose-matched');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(关闭|Close)$/ })
    .click();
  await pane(2);
  await counted();
  await take('compose-check');
  await page.locator('.compose-row.main').click();
  await expect(page.locator('.planned-person').first()).toBeVisible();
  await take('compose-planned');
}

/** The list of apps, and what is set of one. */
async function appPictures(
  page: Page,
  address: string,
  agent: number,
  take: (what: string) => Promise<unknown>,
): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await take('apps');
  await page.goto(`${address}/${agent}/overview`);
  await expect(page.locator('.app-part').first()).toBeVisible();
  await take('app');
  await page.goto(`${address}/${agent}/range`);
  await expect(page.locator('.app-part')).toHaveCount(3);
  await take('app-range');
  const change = page.locator('.app-part').first().locator('.panel-head button');
  if (await change.isVisible()) {
    await change.click();
    await page.getByRole('radio').last().check();
    await expect(page.locator('.pick').first()).toBeVisible();
    await page.locator('.pick input').first().check();
    await take('app-range-change');
  }
  await page.goto(`${address}/${agent}/secrets`);
  await expect(page.locator('.secret-row').first()).toBeVisible();
  await take('app-secrets');
  await page.goto(`${address}/${agent}/limits`);
  await expect(page.locator('.limits')).toBeVisible();
  await take('app-limits');
  await page.goto(`${address}/${agent}/hosts`);
  await expect(page.locator('.app-part')).toHaveCount(1);
  await take('app-hosts');
  await page.goto(`${address}/${agent}/try`);
  await expect(page.locator('.code-block')).toBeVisible();
  await take('app-try');
}
