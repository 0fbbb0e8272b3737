// Pictures of what of the console opens on a page: other types of messages, lists of
// people, dialogs, what a version differs in, what is not there.

import type { Page } from '@playwright/test';
import { choose, settled, waiting, withRole } from './console';
import { type Look, looks, picture, seenAs } from './consolelooks';
import { expect, test } from './journey';
import type { Organization, Person, Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Stage {
  tidings: Tidings;
  organization: Organization;
  look: Look;
  take: (page: Page, what: string, fullPage?: boolean) => Promise<void>;
}

for (const look of looks) {
  const { name, locale, colorScheme } = look;
  test(`what opens in the console, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    const organization = locale === 'en' ? tidings.second : tidings.first;
    const take = (page: Page, what: string, fullPage = false) => picture(page, what, look, fullPage);
    const stage = { tidings, organization, look, take };
    const sender = await signedIn(withRole(organization, 'administrator'), seenAs(look));
    await messageTypes(sender, stage);
    await peopleOfOne(sender, stage);
    await whatOpens(sender, stage);
    await oneVersion(await signedIn(withRole(organization, 'reviewer'), seenAs(look)), stage);
    const provider = tidings.first; // which the demo's third-party app belongs to
    await ownThirdParty(await signedIn(withRole(provider, 'developer'), seenAs(look)), {
      ...stage,
      organization: provider,
    });
    await templateDialogs(await signedIn(withRole(tidings.first, 'author'), seenAs(look)), stage);
  });
}

/** A message of each type, before anything is written, and an OA message with much in it. */
async function messageTypes(page: Page, { tidings, look, take }: Stage): Promise<void> {
  const types = {
    markdown: 'Markdown',
    link: look.locale === 'en' ? 'Link' : '链接',
    whole: look.locale === 'en' ? 'Card with one link' : '卡片 · 整体跳转',
    buttons: look.locale === 'en' ? 'Card with buttons' : '卡片 · 独立跳转',
    image: look.locale === 'en' ? 'Picture' : '图片',
    file: look.locale === 'en' ? 'File' : '文件',
    voice: look.locale === 'en' ? 'Voice' : '语音',
    oa: look.locale === 'en' ? 'OA message' : 'OA 消息',
  };
  await page.goto(`${tidings.base}/console/compose`);
  const type = page.getByRole('combobox', { name: /^(类型|Type)$/ });
  for (const [key, name] of Object.entries(types)) {
    await choose(page, type, name);
    if (key === 'oa') {
      await page.locator('.compose-more summary').click();
    }
    await settled(page);
    await take(page, `compose-${key}`, true);
  }
}

/** The lists of whom one notification did not reach, and what can be done with it. */
async function peopleOfOne(page: Page, { tidings, organization, look, take }: Stage): Promise<void> {
  const app = await tidings.newApp(look.locale === 'en' ? 'Canteen' : '食堂', organization);
  const text = look.locale === 'en' ? 'The canteen closes at 13:00 today.' : '食堂今天 13:00 关门。';
  const [unknown, ...people] = organization.users.slice(0, 6);
  await app.text(people.slice(0, 2), text);
  const task = await app.text([...people, { ...(unknown as Person), userid: 'nobody-here' }], text);
  await page.goto(`${tidings.base}/console/notifications?held=true`);
  await expect(page.locator('.row-link').first()).toBeVisible();
  await settled(page);
  await take(page, 'notifications-held');
  const address = `/console/notifications/${task}`;
  for (const tab of ['read', 'held', 'invalid']) {
    await page.goto(`${tidings.base}${address}?tab=${tab}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await settled(page);
    await take(page, `notification-${tab}`, true);
  }
  await page.goto(`${tidings.base}${address}?tab=unread`);
  await settled(page);
  const exported = page.getByRole('button', { name: /^(导出|Export) / });
  if (await exported.isVisible()) {
    await exported.click();
    await expect(page.getByRole('menuitem').first()).toBeVisible();
    await take(page, 'notification-export');
    await page.keyboard.press('Escape');
  }
  const recall = page.getByRole('button', { name: /^(撤回|Recall)…$/ });
  if (await recall.isEnabled()) {
    await recall.click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await take(page, 'notification-recall');
    await page.keyboard.press('Escape');
  }
  await page.goto(`${tidings.base}/console/notifications?q=nothing-has-this`);
  await expect(page.getByRole('button', { name: /^(清除筛选|Clear)/ }).last()).toBeVisible();
  await settled(page);
  await take(page, 'notifications-none');
}

/** What opens from everywhere, and the dialogs of apps. */
async function whatOpens(page: Page, { tidings, look, take }: Stage): Promise<void> {
  await page.goto(`${tidings.base}/console/apps`);
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.getByRole('button', { name: /^(查找|Find)/ }).click();
  await page.getByRole('combobox', { name: /^(查找|Find)/ }).fill(look.locale === 'en' ? 'a' : '订单');
  await settled(page);
  await take(page, 'find');
  await page.keyboard.press('Escape');
  if (look.name === 'phone') {
    return; // where apps are looked at and switched off
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await take(page, 'keys');
  await page.keyboard.press('Escape');
  for (const [what, button] of [
    ['app-install', /^(安装第三方应用|Install a third-party app)/],
    ['app-new', /^(新建应用|New app)/],
  ] as const) {
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await take(page, what);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
}

/** A version beside another, as it is read and as it is decided on. */
async function oneVersion(page: Page, { tidings, organization, look, take }: Stage): Promise<void> {
  const { agent_id: agent } = organization.apps[0] as { agent_id: number };
  const id = await waiting(tidings, organization, agent, look.locale === 'en' ? 'Return received' : '退货入库');
  await page.goto(`${tidings.base}/console/templates/${agent}/${id}/versions/2`);
  await expect(page.locator('.changes .change').first()).toBeVisible();
  await settled(page);
  await take(page, 'version', true);
  await page.goto(`${tidings.base}/console/reviews/${agent}/${id}/2`);
  await page.getByRole('checkbox', { name: /^(只看改动|Changes only|Only changes)/ }).uncheck();
  await page.getByRole('radio').last().check();
  await settled(page);
  await take(page, 'review-reject', true);
}

/** A third-party app, as its own organization sees it. */
async function ownThirdParty(page: Page, { tidings, organization, look, take }: Stage): Promise<void> {
  await page.goto(`${tidings.base}/console/apps?kind=third_party`);
  const own = organization.apps.find((app) => app.kind === 'third_party')?.name as string; // others may be installed
  const link = page.locator('.row-link').filter({ hasText: own });
  await expect(link).toBeVisible();
  const address = ((await link.getAttribute('href')) ?? '').replace(/overview$/, '');
  for (const tab of ['overview', 'secrets', 'installed', 'range']) {
    await page.goto(`${tidings.base}${address}${tab}`);
    await expect(page.locator('.app-part').first()).toBeVisible();
    await settled(page);
    await take(page, `suite-${tab}`, true);
  }
  if (look.name === 'phone') {
    return; // where nothing of an app is changed
  }
  await page.goto(`${tidings.base}${address}overview`);
  await page
    .getByRole('button', { name: /^(修改|Change)$/ })
    .first()
    .click();
  await take(page, 'suite-change', true);
}

/** Templates as rows, a new one, the editor with its dialogs, and what was done. */
async function templateDialogs(page: Page, { tidings, look, take }: Stage): Promise<void> {
  await page.goto(`${tidings.base}/console/templates`);
  await expect(page.locator('.template-card').first()).toBeVisible();
  await page
    .getByRole('radiogroup', { name: /^(显示方式|Shown as|Show as)/ })
    .getByTitle(/^(列表|Rows)$/)
    .click();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await settled(page);
  await take(page, 'templates-rows');
  await page.getByRole('button', { name: /^(新建模板|New template)/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await take(page, 'template-new');
  const kind = page
    .getByRole('dialog')
    .getByRole('radio', { name: /^(表单|Form)/ })
    .first();
  await kind.check();
  await page.getByRole('button', { name: /^(开始撰写|Start writing|Begin)/ }).click();
  await expect(page.locator('.text-field')).toBeVisible();
  await settled(page);
  await take(page, 'editor-form', true);
  await page.getByRole('button', { name: /^(历史|History)/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await settled(page);
  await take(page, 'history');
  await page.getByRole('tab').last().click();
  await settled(page);
  await take(page, 'history-log');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(关闭|Close)$/ })
    .click();
  if (look.name === 'phone') {
    await page.locator('.editor-parts .list-tab').last().click();
    await settled(page);
    await take(page, 'editor-look');
  }
  await page.getByRole('button', { name: /^(更多操作|More)/ }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await take(page, 'template-menu');
}
