// Pictures of what the console says at some moments: before a step that cannot be
// undone, when two have changed the same, when something is shown once, kept, refused
// or missing.

import type { Page } from '@playwright/test';
import { api, choose, markdown, settled, waiting, withRole } from './console';
import { type Look, looks, picture, seenAs } from './consolelooks';
import { expect, test } from './journey';
import type { Organization, Person, Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Stage {
  tidings: Tidings;
  organization: Organization;
  /** Whether the page speaks English. */
  en: boolean;
  phone: boolean;
  take: (page: Page, what: string, fullPage?: boolean) => Promise<void>;
}

const stageOf = (tidings: Tidings, look: Look): Stage => ({
  tidings,
  organization: look.locale === 'en' ? tidings.second : tidings.first,
  en: look.locale === 'en',
  phone: look.name === 'phone',
  take: (page, what, fullPage = false) => picture(page, what, look, fullPage),
});

for (const look of looks) {
  const { name, locale, colorScheme } = look;
  test(`moments of templates, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    test.slow();
    const stage = stageOf(tidings, look);
    const open = (role: string) => signedIn(withRole(stage.organization, role), seenAs(look));
    await submitting(await open('author'), stage);
    await overtaken(await open('author'), stage);
    await decided(await open('author'), await open('reviewer'), stage);
  });
  test(`moments of sending, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    test.slow();
    const stage = stageOf(tidings, look);
    const page = await signedIn(withRole(stage.organization, 'administrator'), seenAs(look));
    await listed(page, stage);
    await composed(page, stage);
  });
  test(`moments of apps, ${name}, ${locale}, ${colorScheme}`, async ({ tidings, signedIn }) => {
    test.slow();
    const stage = stageOf(tidings, look);
    const page = await signedIn(withRole(stage.organization, 'administrator'), seenAs(look));
    await secrets(await signedIn(withRole(stage.organization, 'developer'), seenAs(look)), stage);
    await settings(page, stage);
    await refusals(page, stage);
  });
}

const dialog = (page: Page) => page.getByRole('dialog');

/** A draft of an app of its own. */
async function draft({ tidings, organization, en }: Stage, author: Person, content: string) {
  const { agent } = await tidings.newApp(en ? 'Facilities' : '行政服务', organization);
  const name = en ? 'The lift is out of order' : '电梯停用通知';
  const form = markdown(name, content, [{ name: 'floor', description: en ? 'which floor' : '楼层', sample: '3' }]);
  const path = `/apps/${agent}/templates`;
  const { template_id: id } = await api<{ template_id: string }>(tidings.base, author, 'POST', path, form);
  return { agent, id, path: `${path}/${id}`, address: `${tidings.base}/console/templates/${agent}/${id}`, form };
}

const lift = (en: boolean) =>
  en
    ? 'The lift to floor $' + '{floor} stands still on Monday.\n\n[See when](https://lifts.example.com/today)'
    : '去 $' + '{floor} 层的电梯周一停用。\n\n[查看时间](https://lifts.example.com/today)';

/** What a submission says first, and what a deletion asks. */
async function submitting(page: Page, stage: Stage): Promise<void> {
  const author = withRole(stage.organization, 'author');
  const { address } = await draft(stage, author, lift(stage.en));
  await page.goto(address);
  await expect(page.locator('.text-field')).toBeVisible();
  await settled(page);
  await page.getByRole('button', { name: /^(提交审核|Submit for review)$/ }).click();
  await expect(dialog(page)).toContainText('lifts.example.com');
  await stage.take(page, 'template-submit');
  await dialog(page)
    .getByRole('button', { name: /^(提交审核|Submit for review)$/ })
    .click();
  await expect(page.getByRole('button', { name: /^(收回|Take back)$/ })).toBeVisible();
  await settled(page);
  await stage.take(page, 'template-waiting', true);
  await page.getByRole('button', { name: /^(更多操作|More)/ }).click();
  await page.getByRole('menuitem', { name: /^(删除|Delete)$/ }).click();
  await expect(dialog(page)).toBeVisible();
  await stage.take(page, 'template-delete');
}

/** Two authors of one draft; what the browser kept; somebody else has submitted it. */
async function overtaken(page: Page, stage: Stage): Promise<void> {
  const { tidings, organization, en, take } = stage;
  const [me, other] = [withRole(organization, 'author'), withRole(organization, 'administrator')];
  const { address, path, form } = await draft(stage, me, lift(en));
  await page.goto(address);
  const text = page.locator('.text-field [contenteditable]');
  await text.press('Control+End');
  await page.keyboard.type(en ? '\n\nPlease take the stairs.' : '\n\n请走楼梯。');
  const theirs = { ...form, content: lift(en).replace(en ? 'Monday' : '周一', en ? 'Tuesday' : '周二') };
  await api(tidings.base, other, 'PUT', path, { form: theirs });
  await page.keyboard.press('Control+s');
  await expect(page.locator('.conflict')).toBeVisible();
  await settled(page);
  await take(page, 'editor-conflict', true);
  page.on('dialog', (d) => void d.accept());
  await page.reload();
  await expect(page.getByRole('button', { name: /^(恢复|Restore)$/ })).toBeVisible();
  await settled(page);
  await take(page, 'editor-kept');
  await api(tidings.base, other, 'POST', `${path}/submit`, {});
  await expect(page.getByRole('alert').first()).toBeVisible();
  await settled(page);
  await take(page, 'template-unsaved');
}

/** What was sent back, and what somebody else has decided. */
async function decided(author: Page, reviewer: Page, stage: Stage): Promise<void> {
  const { tidings, organization, en, take } = stage;
  const [writes, reviews] = [withRole(organization, 'author'), withRole(organization, 'reviewer')];
  const { agent } = await tidings.newApp(en ? 'Car park' : '停车', organization);
  const id = await waiting(tidings, organization, agent, en ? 'Parking spaces' : '车位分配');
  await reviewer.goto(`${tidings.base}/console/reviews/${agent}/${id}/2`);
  await reviewer.getByRole('radio').last().check();
  await reviewer.locator('.decision textarea').fill(en ? 'From which day on?' : '请写明从哪一天起。');
  const path = `/apps/${agent}/templates/${id}`;
  const reason = en ? 'Please say until when it holds.' : '请写明有效期到哪一天。';
  await api(tidings.base, reviews, 'POST', `${path}/versions/2/reject`, { reason });
  await expect(reviewer.locator('.outcome')).toBeVisible();
  await settled(reviewer);
  await take(reviewer, 'review-late', true);
  await author.goto(`${tidings.base}/console/templates/${agent}/${id}`);
  await expect(author.getByText(reason)).toBeVisible();
  await settled(author);
  await take(author, 'template-rejected');
  await api(tidings.base, writes, 'DELETE', path);
}

/** A recalled notification, filters, columns. */
async function listed(page: Page, stage: Stage): Promise<void> {
  const { tidings, organization, en, phone, take } = stage;
  const app = await tidings.newApp(en ? 'Shuttle bus' : '班车', organization);
  const task = await app.text(organization.users.slice(0, 4), en ? 'The bus leaves at 18:10.' : '班车 18:10 发车。');
  await app.recall(task);
  await page.goto(`${tidings.base}/console/notifications/${task}`);
  await expect(page.locator('.seen-none')).toBeVisible();
  await settled(page);
  await take(page, 'notification-recalled', true);
  await page.goto(`${tidings.base}/console/notifications?app=${app.agent}&state=recalled&period=7`);
  await expect(page.locator('.chip').first()).toBeVisible();
  await settled(page);
  await take(page, 'notifications-filtered');
  await page.getByRole('button', { name: phone ? /^(筛选|Filters)$/ : /^(列设置|Columns)$/ }).click();
  await expect(page.locator(phone ? '.filters.sheet' : '.view-menu')).toBeVisible();
  await take(page, phone ? 'notifications-filters' : 'notifications-columns');
}

/** A template with values; a mark for those who have had the same today; the organization's name. */
async function composed(page: Page, stage: Stage): Promise<void> {
  const { tidings, organization, en, phone, take } = stage;
  const pane = async (n: number) => {
    if (phone) {
      await page.locator('.compose-step').nth(n).click();
    }
  };
  const app = await tidings.newApp(en ? 'Reception' : '前台', organization);
  const text = en ? 'A parcel waits for you at the reception.' : '前台有你的快递。';
  await app.text(organization.users.slice(0, 2), text);
  await page.goto(`${tidings.base}/console/compose?agent=${app.agent}`);
  await page.locator('.compose-content textarea').fill(text);
  await pane(1);
  await page.locator('.picker input[type=search]').fill(organization.users[0]?.userid ?? '');
  await expect(page.locator('.pick-path').first()).toBeVisible();
  await settled(page);
  await take(page, 'compose-found');
  await page.locator('.pick input').first().check();
  await pane(2);
  await expect(page.locator('.compose-reminder')).toBeVisible();
  await settled(page);
  await take(page, 'compose-reminder');
  await pane(1);
  await page.locator('.picker input[type=search]').fill('');
  await page.locator('.pick input').first().check();
  await page.locator('.pick input').nth(1).check();
  await page.locator('.pick input').nth(2).check();
  await pane(2);
  await expect(page.locator('.compose-name')).toBeVisible();
  await settled(page);
  await take(page, 'compose-named');
  await page.reload();
  await settled(page);
  await take(page, 'compose-restored');
  await pane(0);
  const live = organization.apps.find((one) => one.kind !== 'internal');
  await page.goto(`${tidings.base}/console/compose?agent=${live?.agent_id}`);
  await page
    .locator('.compose-content')
    .getByText(/^(模板|Template)$/)
    .first()
    .click();
  const field = page.getByRole('combobox', { name: /^(模板|Template)$/ });
  await choose(page, field, 'Delivery today');
  await expect(page.locator('.compose-value').first()).toBeVisible();
  await settled(page);
  await take(page, 'compose-template', true);
}

/** A secret shown once, and one that ends. */
async function secrets(page: Page, stage: Stage): Promise<void> {
  const { tidings, organization, en, phone, take } = stage;
  const { agent } = await tidings.newApp(en ? 'Doors' : '门禁', organization);
  await page.goto(`${tidings.base}/console/apps/${agent}/secrets`);
  await expect(page.locator('.secret-row')).toHaveCount(1);
  if (!phone) {
    await page.getByRole('button', { name: /^(新建密钥|New secret)$/ }).click();
    await expect(page.locator('.secret-value code')).toBeVisible();
    await take(page, 'secret-once');
    await dialog(page).getByRole('checkbox').check();
    await dialog(page).getByRole('button').last().click();
    await expect(page.locator('.secret-row')).toHaveCount(2);
  }
  await page
    .getByRole('button', { name: /^(结束|End)…$/ })
    .last()
    .click();
  await expect(dialog(page)).toBeVisible();
  await take(page, 'secret-end');
}

/** What is changed of an app, what another has changed, and what is not saved. */
async function settings(page: Page, stage: Stage): Promise<void> {
  const { tidings, organization, en, phone, take } = stage;
  const { agent } = await tidings.newApp(en ? 'Meeting rooms' : '会议室', organization);
  const at = `${tidings.base}/console/apps/${agent}`;
  await page.goto(`${at}/overview`);
  await page.getByRole('button', { name: /^(停用|Switch off)…$/ }).click();
  await expect(dialog(page)).toBeVisible();
  await take(page, 'app-disable');
  await page.keyboard.press('Escape');
  if (phone) {
    return; // where nothing else of an app is changed
  }
  const change = page.getByRole('button', { name: /^(修改|Change)$/ });
  for (const tab of ['limits', 'hosts']) {
    await page.goto(`${at}/${tab}`);
    await change.first().click();
    await settled(page);
    await take(page, `app-${tab}-change`, true);
  }
  await page.goto(`${at}/range`);
  await change.nth(1).click();
  await page.locator('.app-grants input[type=checkbox]').nth(2).uncheck();
  await settled(page);
  await take(page, 'app-grants-change', true);
  await page.locator('.app-tabs .list-tab').first().click();
  await expect(dialog(page)).toBeVisible();
  await take(page, 'app-leaving');
  await dialog(page)
    .getByRole('button', { name: /^(先离开|Leave)/ })
    .click();
  await page.locator('.app-tabs .list-tab').nth(2).click();
  await expect(page.locator('.app-kept')).toBeVisible();
  await settled(page);
  await take(page, 'app-kept');
  await page.locator('.app-kept').getByRole('button').last().click();
  const owner = withRole(organization, 'owner');
  const path = `/apps/${agent}`;
  const { installation } = await api<{ installation: { agent_edition: string } }>(tidings.base, owner, 'GET', path);
  const grants = { scopes: ['work_notification.send'], send_to_everyone: true, direct_send: true, composers: {} };
  await api(tidings.base, owner, 'PUT', `${path}/grants`, { agent_edition: installation.agent_edition, ...grants });
  await page.getByRole('button', { name: /^(保存|Save)$/ }).click();
  await expect(page.locator('.app-overtaken')).toBeVisible();
  await take(page, 'app-overtaken', true);
}

/** Nothing that is there, nothing that is found, and a server that is busy or away. */
async function refusals(page: Page, stage: Stage): Promise<void> {
  const { tidings, organization, take } = stage;
  const problem = { title: 'Unavailable', status: 503, code: 'busy', detail: 'busy', request_id: '8Zq1vT0mR4yW' };
  await page.route('**/api/v1/templates?*', (r) => r.fulfill({ status: 503, json: problem }));
  await page.goto(`${tidings.base}/console/templates`);
  await expect(page.getByText(problem.request_id)).toBeVisible({ timeout: 30_000 });
  await take(page, 'failed');
  await page.unroute('**/api/v1/templates?*');
  for (const [what, list] of [
    ['templates', 'templates'],
    ['tasks', 'notifications'],
  ] as const) {
    await page.route(`**/api/v1/${what}?*`, (r) =>
      r.fulfill({ json: { items: [], next_before: null, revision: '1' } }),
    );
    await page.goto(`${tidings.base}/console/${list}`);
    await expect(page.locator('.state, .first-steps')).toBeVisible();
    await take(page, `empty-${list}`);
    await page.unroute(`**/api/v1/${what}?*`);
  }
  await page.evaluate(
    (org) => fetch(`/api/v1/sessions/current?org=${org}`, { method: 'DELETE' }),
    organization.corp_id,
  );
  await expect(page.locator('.paste')).toBeVisible();
  await take(page, 'ended');
}
