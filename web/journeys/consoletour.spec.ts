// From a first draft to a read list, by the people who do it, each in a browser of
// their own: docs/tour.md tells it with the pictures that make pictures takes here.

import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { choose, settled, watched, withRole } from './console';
import { card, expect, test } from './journey';
import { App, type Person, type Tidings } from './tidings';

// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

const name = 'Visitor at the desk';
const look = { locale: 'en', reducedMotion: 'reduce', viewport: { width: 1440, height: 900 } } as const;

/** A picture of docs/tour.md, when they are taken. */
async function picture(page: Page, what: string): Promise<void> {
  if (process.env.DOCS) {
    await settled(page);
    await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running'));
    await page.screenshot({ path: `../docs/tour/${what}.png` });
  }
}

test('a template is written, sent back, approved, sent, read, and recalled', async ({ tidings, signedIn }) => {
  test.slow();
  const [provider, customer] = [tidings.first, tidings.second];
  const agent = provider.apps.find((a) => a.kind === 'third_party')?.agent_id ?? 0;
  const author = await signedIn(withRole(provider, 'author'), look);
  const reviewer = await signedIn(withRole(customer, 'reviewer'), look);
  const seen = [watched(author, tidings.base), watched(reviewer, tidings.base)];

  // The author writes a card with two buttons, and corrects what the checks say.
  await author.goto(`${tidings.base}/console/templates`);
  await begin(author, agent);
  const text = author.getByRole('textbox', { name: 'Text', exact: true });
  await author.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await author
    .getByRole('textbox', { name: 'Purpose' })
    .fill('Tells whoever is visited that their guest is at the front desk.');
  await author.getByRole('textbox', { name: 'Title', exact: true }).fill('Your visitor is here');
  await text.focus();
  await author.keyboard.type('# Your visitor is here\n\n- Visitor: $' + '{visitor}\n- Since: $' + '{since}');
  await button(author, 0, 'On my way', 'https://example.com/visits?answer=coming');
  await button(author, 1, 'Ask them to wait', 'https://example.com/visits?answer=wait');
  await expect(author.locator('.text-wave.error')).toHaveText('# Your visitor is here');
  await picture(author, 'checks');
  await author.getByRole('button', { name: 'Make it bold' }).click();
  await explain(author, 0, 'who has come', 'Amara Okafor, Brightline');
  await explain(author, 1, 'when they came', '9:40');
  await expect(author.getByText('Nothing was found')).toBeVisible();
  await expect(author.getByRole('region', { name: 'Preview' })).toContainText('Amara Okafor, Brightline');
  await picture(author, 'editor');
  await submit(author);

  // The reviewer sends it back; the author adds what is missing.
  await open(reviewer, tidings, 'v1');
  await reviewer.getByRole('radio', { name: 'Send back' }).check();
  await reviewer.getByRole('textbox', { name: 'Why it is sent back' }).fill('Say which desk: the building has three.');
  await reviewer.getByRole('button', { name: 'Send back', exact: true }).scrollIntoViewIfNeeded();
  await picture(reviewer, 'sent-back');
  await decide(reviewer, 'Send back', 'Sent back');
  await author.reload();
  await expect(author.getByText('Say which desk: the building has three.')).toBeVisible();
  await author.getByRole('button', { name: 'Edit as v2' }).click();
  await text.press('Control+End');
  await author.keyboard.type('\n- Desk: north entrance');
  await expect(author.getByRole('region', { name: 'Preview' })).toContainText('north entrance');
  await submit(author);
  await open(reviewer, tidings, 'v2');
  await reviewer.getByRole('radio', { name: 'Approve' }).check();
  await decide(reviewer, 'Submit', 'Approved');

  // Another version stands beside the one that is live.
  await author.reload();
  await author.getByRole('button', { name: 'Edit as v3' }).click();
  await text.press('Control+End');
  await author.keyboard.type(', ground floor');
  await submit(author);
  await open(reviewer, tidings, 'v3');
  await expect(reviewer.locator('ins:visible').first()).toContainText('ground floor');
  await reviewer.getByRole('radio', { name: 'Approve' }).check();
  await picture(reviewer, 'compare');
  await decide(reviewer, 'Submit', 'Approved');

  await sent(tidings, signedIn, author.url().split('/').at(-1) ?? '');
  expect(seen.flat()).toEqual([]);
});

/** Begins a card with buttons of an app. */
async function begin(page: Page, agent: number): Promise<void> {
  await page.getByRole('button', { name: 'New template' }).click();
  const dialog = page.getByRole('dialog');
  await choose(page, dialog.getByRole('combobox'), 'Orders');
  await dialog.getByRole('radio', { name: 'Card with buttons' }).check();
  await dialog.getByRole('button', { name: 'Begin' }).click();
  await expect(page).toHaveURL(new RegExp(`/templates/${agent}/`));
}

async function button(page: Page, n: number, title: string, url: string): Promise<void> {
  const buttons = page.getByRole('region', { name: 'Buttons' });
  await fields(buttons, n * 2, title, url);
}

async function explain(page: Page, n: number, description: string, sample: string): Promise<void> {
  const one = page.getByRole('group').nth(n);
  await one.getByLabel('Description').fill(description);
  await one.getByRole('textbox', { name: 'Sample' }).fill(sample);
}

async function fields(within: Locator, first: number, ...values: string[]): Promise<void> {
  for (const [n, value] of values.entries()) {
    await within
      .getByRole('textbox')
      .nth(first + n)
      .fill(value);
  }
}

async function submit(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Submit for review' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Submit for review' }).click();
  await expect(page.getByRole('button', { name: 'Take back' })).toBeVisible();
}

async function open(page: Page, tidings: Tidings, version: string): Promise<void> {
  await page.goto(`${tidings.base}/console/reviews`);
  await page.getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name: `${name} ${version}` })).toBeVisible();
}

async function decide(page: Page, press: string, done: string): Promise<void> {
  await page.getByRole('button', { name: press, exact: true }).click();
  await expect(page.getByText(done, { exact: true }).first()).toBeVisible();
}

/** The template is sent by the app, as programs written for DingTalk send it. */
async function sent(
  tidings: Tidings,
  signedIn: (person: Person, options?: object) => Promise<Page>,
  template: string,
): Promise<void> {
  const customer = tidings.second;
  const app = await App.ofSuite(tidings.base, customer);
  const readers = [withRole(customer, 'employee'), withRole(customer, 'employee', 1)];
  const employee = await signedIn(readers[0] as Person, look);
  const task = await app.byTemplate(readers, template, { visitor: 'Amara Okafor, Brightline', since: '9:40' });
  await expect(card(employee, 'Amara Okafor')).toContainText('north entrance, ground floor');
  await picture(employee, 'inbox');

  // Whoever runs it sees who has read it, keeps the list, and takes it back.
  const administrator = await signedIn(withRole(customer, 'administrator'), look);
  const seen = watched(administrator, tidings.base);
  await administrator.goto(`${tidings.base}/console/notifications/${task}`);
  const count = (what: string) => administrator.locator('.count').filter({ hasText: what }).locator('dd');
  await expect(count('Reached')).toHaveText('2');
  await expect(count('Read')).toHaveText('1', { timeout: 30_000 });
  const other = await signedIn(readers[1] as Person, look);
  await card(other, 'Amara Okafor').waitFor();
  await expect(count('Read')).toHaveText('2', { timeout: 30_000 });
  await administrator.reload();
  const people = administrator.getByRole('region', { name: 'People', exact: true });
  await people.evaluate((e) => e.scrollIntoView({ block: 'center' })); // rows are drawn where they can be seen
  await expect(people).toContainText(readers[1]?.name ?? '');
  await picture(administrator, 'read');
  const [file] = await Promise.all([
    administrator.waitForEvent('download'),
    people
      .getByRole('button', { name: 'Export 2' })
      .click()
      .then(() => administrator.getByRole('menuitem', { name: 'CSV' }).click()),
  ]);
  expect(await readFile(await file.path(), 'utf8')).toContain(readers[0]?.userid);
  await administrator.getByRole('button', { name: 'Recall…' }).click();
  const dialog = administrator.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await picture(administrator, 'recall');
  await dialog.getByRole('button', { name: 'Recall' }).click();
  await expect(administrator.getByText('Nobody sees the content any more')).toBeVisible();
  await expect(card(employee, 'Amara Okafor')).toHaveCount(0);
  expect(seen).toEqual([]);
}
