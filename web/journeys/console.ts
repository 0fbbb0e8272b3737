// What the journeys of the console begin with.

import { expect, type Locator, type Page } from '@playwright/test';
import type { Organization, Person, Tidings } from './tidings';

/** Somebody of an organization who has a role. */
export function withRole(organization: Organization, role: string, n = 0): Person {
  const people = organization.users.filter((u) => u.roles.includes(role));
  const one = people[n];
  if (!one) {
    throw new Error(`${people.length} people have the role ${role}`);
  }
  return one;
}

/**
 * Notes what must not happen on a page: an error that the browser reports, such
 * as a violation of the policy, and a request to another host.
 */
export function watched(page: Page, base: string): string[] {
  const seen: string[] = [];
  page.on('console', (m) => {
    // A refusal is no mistake of the page.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) {
      seen.push(m.text());
    }
  });
  page.on('pageerror', (e) => seen.push(String(e)));
  page.on('request', (r) => {
    if (!r.url().startsWith(base)) {
      seen.push(r.url());
    }
  });
  return seen;
}

/** A person's way to our own API, as a program of theirs has it. */
export async function api<T>(base: string, person: Person, method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${person.api_token}`, 'Content-Type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** A Markdown template's form. */
export function markdown(name: string, content: string, parameters: object[] = []): object {
  return { kind: 'markdown', name, use_case: `${name}，发给相关同事`, title: name, content, parameters };
}

/** Makes a template of an app of its own, as a draft: its path in our own API, and the page on which it is written. */
export async function draft(tidings: Tidings, author: Person, name: string, content: string) {
  const { agent } = await tidings.newApp(name);
  const path = `/apps/${agent}/templates`;
  const { template_id: id } = await api<{ template_id: string }>(
    tidings.base,
    author,
    'POST',
    path,
    markdown(name, content),
  );
  return { agent, path: `${path}/${id}`, address: `${tidings.base}/console/templates/${agent}/${id}` };
}

/** Makes a template of an app and submits it; the template's id. */
export async function submitted(base: string, author: Person, agent: number, form: object): Promise<string> {
  const path = `/apps/${agent}/templates`;
  const { template_id } = await api<{ template_id: string }>(base, author, 'POST', path, form);
  await api(base, author, 'POST', `${path}/${template_id}/submit`, {});
  return template_id;
}

/** A template of an app of which one version is live and the next, which says another number of days, waits. */
export async function waiting(
  tidings: Tidings,
  organization: Organization,
  agent: number,
  name: string,
): Promise<string> {
  const [author, reviewer] = [withRole(organization, 'author'), withRole(organization, 'reviewer')];
  const form = (days: number) =>
    markdown(
      name,
      `**退货已收到 We have your return**\n\n- 退货单 Return: \${number}\n- 退款 ${days} 个工作日内到账 Refund within ${days} working days\n\n` +
        '[查看进度 See how it goes](https://example.com/returns)',
      [{ name: 'number', description: '退货单号 number of the return', sample: 'RT-0093' }],
    );
  const id = await submitted(tidings.base, author, agent, form(3));
  const path = `/apps/${agent}/templates/${id}`;
  await api(tidings.base, reviewer, 'POST', `${path}/versions/1/approve`);
  await api(tidings.base, author, 'PUT', path, { form: form(5) });
  await api(tidings.base, author, 'POST', `${path}/submit`, {});
  return id;
}

/** Waits until a page has asked for nothing for half a second; its stream goes on. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const asked = performance.getEntriesByType('resource').length;
    const memory = window as { asked?: { count: number; at: number } };
    if (memory.asked?.count !== asked) {
      memory.asked = { count: asked, at: performance.now() };
    }
    const { at } = memory.asked as { at: number };
    return performance.now() - at > 500 && !document.querySelector('[aria-busy="true"], .ant-skeleton');
  });
}

/**
 * Looks further back in a list until something is there: a page looks at so many
 * notifications, and other journeys have sent more.
 */
export async function lookFurther(page: Page, wanted: Locator): Promise<void> {
  const further = page.getByRole('button', { name: /^(继续往前找|Look further back)$/ });
  await expect(async () => {
    if (!(await wanted.isVisible()) && (await further.isVisible())) {
      await further.click({ timeout: 1000 });
    }
    await expect(wanted).toBeVisible({ timeout: 1000 });
  }).toPass();
}

/** Chooses in a field that opens a list, of which only a part is drawn when it is long. */
export async function choose(page: Page, field: Locator, name: string): Promise<void> {
  const options = page.locator('.ant-select-item-option').filter({ visible: true });
  const option = options.filter({ hasText: name }).first();
  const chosen = field.locator('xpath=ancestor::div[contains(concat(" ", @class, " "), " ant-select ")]');
  if (await field.isEditable()) {
    await field.click();
    await field.fill(name);
    await expect(options).toHaveCount(1);
    await field.press('Enter');
    await expect(chosen).toContainText(name);
    return;
  }
  // The list scrolls to what is chosen while it opens: a click may miss.
  await expect(async () => {
    if (!(await option.isVisible())) {
      await field.click({ timeout: 2_000 });
    }
    await option.click({ timeout: 2_000 });
    await expect(chosen).toContainText(name, { timeout: 1_000 });
  }).toPass();
}
