// Every key that the list of keys names does what the list says.

import type { Page } from '@playwright/test';
import { api, draft, watched, withRole } from './console';
import { expect, test, violations } from './journey';
import type { Tidings } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a key lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' }, viewport: { width: 1440, height: 900 } });

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });

/** g and a letter lead to a page, from another one. */
function leads(letter: string, name: string, from = 'templates') {
  return async (page: Page, tidings: Tidings) => {
    await page.goto(`${tidings.base}/console/${from}`);
    await expect(page.locator('h1')).toBeVisible();
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(heading(page, name)).toBeVisible();
  };
}

/** Opens a list of notifications with rows. */
async function rows(page: Page, tidings: Tidings) {
  await page.goto(`${tidings.base}/console/notifications`);
  const links = page.locator('.row-link');
  await expect(links.nth(1)).toBeVisible();
  return links;
}

/** Opens the draft of a new template; its path in our own API. */
async function openDraft(page: Page, tidings: Tidings): Promise<string> {
  const { path, address } = await draft(
    tidings,
    withRole(tidings.first, 'administrator'),
    '按键提醒',
    '今天 18:00 关灯。',
  );
  await page.goto(address);
  await expect(page.getByRole('textbox', { name: '正文' })).toBeVisible();
  return path;
}

interface Stored {
  state: string;
  newest: { form: { content: string } };
}

const does: Record<string, (page: Page, tidings: Tidings) => Promise<void>> = {
  'g n': leads('n', '通知'),
  'g c': leads('c', '发通知'),
  'g t': leads('t', '模板', 'notifications'),
  'g a': leads('a', '应用'),
  c: async (page, tidings) => {
    await rows(page, tidings);
    await page.keyboard.press('c');
    await expect(heading(page, '发通知')).toBeVisible();
  },
  '⌘/Ctrl K': async (page, tidings) => {
    await rows(page, tidings);
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: '查找' })).toBeFocused();
  },
  '/': async (page, tidings) => {
    await rows(page, tidings);
    await page.keyboard.press('/');
    await page.keyboard.type('没有这样的通知');
    await expect(page).toHaveURL(/q=/);
  },
  'j k': async (page, tidings) => {
    const links = await rows(page, tidings);
    await page.keyboard.press('j');
    await expect(links.nth(0)).toBeFocused();
    await page.keyboard.press('j');
    await expect(links.nth(1)).toBeFocused();
    await page.keyboard.press('k');
    await expect(links.nth(0)).toBeFocused();
  },
  Enter: async (page, tidings) => {
    await rows(page, tidings);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/notifications\/\d+/);
  },
  '⌘/Ctrl S': async (page, tidings) => {
    const path = await openDraft(page, tidings);
    await page.getByRole('textbox', { name: '正文' }).press('Control+End');
    await page.keyboard.type('请带好工牌。');
    await page.keyboard.press('Control+s');
    await expect(page.locator('.saved')).toHaveAttribute('data-kind', 'saved');
    const stored = await api<Stored>(tidings.base, withRole(tidings.first, 'administrator'), 'GET', path);
    expect(stored.newest.form.content).toBe('今天 18:00 关灯。请带好工牌。');
  },
  'Alt /': async (page, tidings) => {
    await openDraft(page, tidings);
    await page.getByRole('textbox', { name: '正文' }).press('Control+End');
    await page.keyboard.type('$' + '{when}');
    await page.keyboard.press('Alt+/');
    await expect(page.getByRole('menuitem', { name: 'when' })).toBeVisible();
  },
  // What is written is saved, shown once more as the reviewer will see it, and submitted by the same key.
  '⌘/Ctrl Enter': async (page, tidings) => {
    const path = await openDraft(page, tidings);
    const stored = () => api<Stored>(tidings.base, withRole(tidings.first, 'administrator'), 'GET', path);
    await page.getByRole('textbox', { name: '正文' }).press('Control+End');
    await page.keyboard.type('请带好工牌。');
    await page.keyboard.down('Control');
    await page.keyboard.down('Enter');
    const dialog = page.getByRole('dialog', { name: '提交审核' });
    await expect(dialog).toContainText('提交后不能修改');
    await page.keyboard.down('Enter'); // held down, it does nothing more
    await page.keyboard.up('Enter');
    await page.keyboard.up('Control');
    await expect(dialog.getByRole('button', { name: '提交审核' })).toBeEnabled();
    expect(await violations(page)).toEqual([]);
    expect(await stored()).toMatchObject({
      state: 'draft',
      newest: { form: { content: '今天 18:00 关灯。请带好工牌。' } }, // and no line of its own
    });
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('button', { name: '收回' })).toBeVisible();
    await expect(dialog).toHaveCount(0);
    expect((await stored()).state).toBe('in_review');
  },
  Esc: async (page, tidings) => {
    await rows(page, tidings);
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  },
  '?': async (page, tidings) => {
    await rows(page, tidings);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: '快捷键' })).toBeVisible();
  },
};

test('the list of keys names these keys and no other', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'administrator'));
  const seen = watched(page, tidings.base);
  await rows(page, tidings);
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: '快捷键' });
  await expect(list.locator('dt')).toHaveText(Object.keys(does));
  expect(await violations(page)).toEqual([]);
  expect(seen).toEqual([]);
});

for (const [key, proves] of Object.entries(does)) {
  test(`the key ${key} does what the list says`, async ({ tidings, signedIn }) => {
    const page = await signedIn(withRole(tidings.first, 'administrator'));
    const seen = watched(page, tidings.base);
    await proves(page, tidings);
    expect(seen).toEqual([]);
  });
}

// The same key answers the dialogs that are filled in, and saves what is changed in place.
test('⌘Enter answers a dialog and saves a part of an app', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'administrator'));
  await page.goto(`${tidings.base}/console/apps`);
  await page.getByRole('button', { name: '新建应用' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: '名称' }).press('Control+Enter'); // nothing is written yet
  await dialog.getByRole('textbox', { name: '名称' }).fill('快捷键应用');
  await page.keyboard.press('Control+Enter');
  await expect(dialog).toContainText('快捷键应用');
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: /打开|完成/ }).click();
  await page.getByRole('region', { name: '基本信息' }).getByRole('button', { name: '修改' }).click();
  await page.getByRole('textbox', { name: '说明' }).fill('用来试按键');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('region', { name: '基本信息' })).toContainText('用来试按键');
});

test('whoever chooses in a menu by keys is at its button again', async ({ tidings, signedIn }) => {
  const page = await signedIn(withRole(tidings.first, 'administrator'));
  await rows(page, tidings);
  const row = page.getByRole('button', { name: /^更多操作：/ }).first();
  for (const [button, name] of [
    [page.getByRole('button', { name: '外观' }), '深色'],
    [row, '复制任务编号'],
  ] as const) {
    const item = page.getByRole('menuitem', { name });
    await button.focus();
    await page.keyboard.press('Enter');
    await expect(async () => {
      await page.keyboard.press('ArrowDown');
      await expect(item).toBeFocused({ timeout: 200 });
    }).toPass();
    await page.keyboard.press('Enter');
    await expect(item).toBeHidden();
    await expect(button).toBeFocused();
    await expect(button).toHaveAttribute('aria-expanded', 'false');
  }
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
