// Writing templates: what is written is kept and checked while it is written,
// and goes to review.

import type { Page } from '@playwright/test';
import { api, choose, draft, markdown, submitted, watched, withRole } from './console';
import { expect, png, some, test, violations } from './journey';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Stored {
  newest: {
    number: number;
    state: string;
    edition: number;
    form: { name: string; title: string; content: string; image?: string; parameters?: { name: string }[] };
  };
}

const text = (page: Page) => page.getByRole('textbox', { name: '正文' });
const saved = (page: Page) => page.locator('.saved');

/** On a phone what is written and the preview take turns. */
async function turnTo(page: Page, part: '撰写' | '预览'): Promise<void> {
  if ((page.viewportSize()?.width ?? 0) < 768) {
    await page.getByRole('navigation', { name: '编辑器的部分' }).getByRole('button', { name: part }).click();
  }
}

for (const { scheme, width } of some(
  [
    { scheme: 'light', width: 390 },
    { scheme: 'dark', width: 1440 },
  ] as const,
  1,
)) {
  test(`an author writes a template and submits it, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const author = withRole(tidings.first, 'author');
    const { agent } = await tidings.newApp(`人事 ${width}`);
    const form = {
      ...markdown('年会报名', ''),
      kind: 'action_card',
      actions: ['报名', '请假'].map((title) => ({ title, url: 'https://example.com/party' })),
    };
    const { template_id: id } = await api<{ template_id: string }>(
      tidings.base,
      author,
      'POST',
      `/apps/${agent}/templates`,
      form,
    );
    const path = `/apps/${agent}/templates/${id}`;
    const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 844 } } as const;
    const page = await signedIn(author, options);
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console/templates/${agent}/${id}`);
    await expect(page.getByRole('heading', { name: '年会报名', level: 1 })).toBeVisible();

    // By keys alone: what is wrong is marked, and a chip goes as one.
    await text(page).focus();
    await page.keyboard.type('# 年会\n\n时间：$' + '{when}');
    await expect(page.locator('.text-wave.error')).toHaveText('# 年会');
    await expect(page.locator('.text-field .text-chip')).toHaveText('$' + '{when}');
    await page.keyboard.press('Backspace');
    await expect(page.locator('.text-field .text-chip')).toHaveCount(1);
    await page.keyboard.press('Backspace');
    await expect(page.locator('.text-field .text-chip')).toHaveCount(0);
    await page.keyboard.type('$' + '{when}');
    await expect(page.getByRole('group').getByLabel('说明')).toBeVisible();
    expect(await violations(page)).toEqual([]);

    // ⌥/ offers what may be inserted.
    await text(page).press('Alt+/');
    await expect(page.getByRole('menuitem', { name: 'when' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menuitem', { name: 'when' })).toHaveCount(0);

    // Corrected at once, described, and shown as it will be.
    await page.getByRole('button', { name: '改成粗体' }).click();
    await expect(text(page)).toContainText('**年会**');
    await page.getByLabel('说明').fill('年会的时间');
    await page.getByRole('textbox', { name: '示例' }).fill('周五 18:00');
    await expect(page.getByText('没有发现问题')).toBeVisible();
    await movesButtons(page);
    await turnTo(page, '预览');
    const preview = page.getByRole('region', { name: '预览' });
    await expect(preview).toContainText('时间：周五 18:00');

    // With values of one's own, which the browser keeps.
    await page.getByText('自填', { exact: true }).click();
    await page.getByRole('region', { name: '自填' }).getByRole('textbox').fill('周六 19:30');
    await expect(preview).toContainText('时间：周六 19:30');
    expect(await violations(page)).toEqual([]);
    await page.reload();
    await turnTo(page, '预览');
    await expect(preview).toContainText('时间：周六 19:30');
    await page.getByText('示例', { exact: true }).first().click();
    await expect(preview).toContainText('时间：周五 18:00');
    await turnTo(page, '撰写');
    await page.keyboard.press('Control+s');
    await expect(saved(page)).toContainText('已保存');
    const { newest } = await api<Stored>(tidings.base, author, 'GET', path);
    expect(newest.form.content).toBe('**年会**\n\n时间：$' + '{when}');
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: '发给我自己' }).click();
    await expect(page.getByText('已发给你自己')).toBeVisible();
    await page.getByRole('button', { name: '提交审核' }).click();
    await expect(page.getByRole('dialog')).toContainText('不能修改');
    await expect(page.getByRole('dialog')).toContainText('example.com');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: '提交审核' }).click();
    await expect(page.getByRole('button', { name: '收回' })).toBeVisible();
    await page.getByRole('button', { name: '收回' }).click();
    await expect(text(page)).toContainText('**年会**');
    await page.getByRole('button', { name: '历史' }).click();
    await expect(page.getByRole('dialog')).toContainText('已收回');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('link', { name: 'v1' }).click();
    await expect(page.getByRole('heading', { name: '年会报名 v1' })).toBeFocused();
    await expect(page.getByRole('region', { name: 'v1（已收回）' })).toContainText('周五 18:00');
    expect(await violations(page)).toEqual([]);
    expect(seen).toEqual([]);
  });
}

/** The second button is dragged above the first, and by keys back again. */
async function movesButtons(page: Page): Promise<void> {
  const buttons = page.getByRole('region', { name: '按钮' });
  const first = buttons.getByRole('textbox').first();
  await buttons.locator('.grip').last().scrollIntoViewIfNeeded();
  const from = await buttons.locator('.grip').last().boundingBox();
  const to = await buttons.locator('.listed').first().boundingBox();
  if (!from || !to) {
    throw new Error('there is nothing to drag');
  }
  await page.mouse.move(from.x + 8, from.y + 16);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, to.y + 4, { steps: 4 });
  await expect(buttons.locator('[data-drop="before"]')).toHaveCount(1);
  await page.mouse.up();
  await expect(first).toHaveValue('请假');
  await expect(buttons.locator('[data-drop], [data-dragged]')).toHaveCount(0);
  await buttons.getByRole('button', { name: /^下移/ }).first().press('Enter');
  await expect(first).toHaveValue('报名');
  await expect(buttons.getByRole('button', { name: /^上移/ }).last()).toBeFocused();
}

test('the picture of a template is uploaded, or has an address', async ({ tidings, signedIn }) => {
  const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
  const { agent } = await tidings.newApp('工会活动');
  const path = `/apps/${agent}/templates`;
  const form = markdown('采摘活动', '周六去采摘。');
  const { template_id: id } = await api<{ template_id: string }>(tidings.base, author, 'POST', path, form);
  const page = await signedIn(author, { reducedMotion: 'reduce' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/templates/${agent}/${id}`);
  const field = page.locator('.field', { has: page.getByRole('textbox', { name: '图片' }) });
  const picture = field.getByRole('textbox', { name: '图片' });
  const file = field.locator('input[type=file]');
  const shown = page.getByRole('region', { name: '预览' }).locator('.card img');
  const width = () => shown.evaluate((img: HTMLImageElement) => img.naturalWidth);

  // What is no picture says why, and what was there stays.
  const own = `${tidings.base}/orchard.png`;
  await picture.fill(own);
  await file.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await expect(field).toContainText('文件的内容和类型不符');
  await expect(picture).toHaveValue(own);
  expect(await violations(page)).toEqual([]);

  await file.setInputFiles({ name: 'orchard.png', mimeType: 'image/png', buffer: await png(page, 120, 80) });
  await expect(picture).toHaveValue(/^@/);
  await expect(field).toContainText('orchard.png');
  await expect.poll(width).toBe(120);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toContainText('已保存');
  const { newest } = await api<Stored>(tidings.base, author, 'GET', `${path}/${id}`);
  expect(newest.form.image).toBe(await picture.inputValue());

  // The reviewer sees it where it stands.
  await api(tidings.base, author, 'POST', `${path}/${id}/submit`, {});
  const other = await signedIn(reviewer);
  await other.goto(`${tidings.base}/console/reviews/${agent}/${id}/1`);
  const cards = other.locator('.review-cards .card img').first();
  await expect.poll(() => cards.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(120);
  expect(seen).toEqual([]);
});

test('nothing that was written is lost', async ({ tidings, signedIn }) => {
  const author = withRole(tidings.first, 'author');
  const { path, address } = await draft(tidings, author, '停电通知', '明天停电。');
  const page = await signedIn(author);
  await page.goto(address);
  await expect(text(page)).toContainText('明天停电。');

  // The network is away: the browser keeps it, also across a reload.
  await page.route('**/api/v1/apps/*/templates/*', (r) => (r.request().method() === 'PUT' ? r.abort() : r.fallback()));
  await text(page).press('Control+End');
  await page.keyboard.type('请提前保存。');
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toHaveText('没有保存成功');
  page.on('dialog', (d) => void d.accept());
  await page.reload();
  await expect(page.getByText('未保存的内容')).toBeVisible();
  await page.unroute('**/api/v1/apps/*/templates/*');
  await page
    .getByRole('button', { name: '恢 复' })
    .or(page.getByRole('button', { name: '恢复' }))
    .click();
  await expect(text(page)).toContainText('明天停电。请提前保存。');
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toContainText('已保存');

  // Another page of theirs saves meanwhile: nothing is overwritten in silence.
  await api(tidings.base, author, 'PUT', path, { form: markdown('停电改期', '改到后天。') });
  await text(page).press('Control+End');
  await page.keyboard.type('谢谢。');
  await page.keyboard.press('Control+s');
  const both = page.getByRole('region', { name: /^你在别处也改了这份草稿，\d\d:\d\d 保存$/ });
  await expect(both.locator('.change').filter({ hasText: '正文' })).toContainText('谢谢。');
  await expect(both.locator('.change').filter({ hasText: '正文' })).toContainText('改到后天。');
  await expect(both.locator('.change')).toHaveCount(4);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '名称：用对方的' }).click();
  await expect(both.locator('.change')).toHaveCount(3);
  const theirs = await api<Stored>(tidings.base, author, 'GET', path);
  expect(theirs.newest.form.content).toBe('改到后天。');
  await page.getByRole('button', { name: '保留我的' }).click();
  await expect(saved(page)).toContainText('已保存');
  const mine = await api<Stored>(tidings.base, author, 'GET', path);
  expect(mine.newest.form).toMatchObject({
    name: '停电改期',
    title: '停电通知',
    content: '明天停电。请提前保存。谢谢。',
  });

  // It is stored, and only the answer is lost: that is no conflict.
  await page.route('**/api/v1/apps/*/templates/*', async (r) => {
    if (r.request().method() === 'PUT') {
      await r.fetch();
      return r.abort();
    }
    return r.fallback();
  });
  await text(page).press('Control+End');
  await page.keyboard.type('再见。');
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toHaveText('没有保存成功');
  await page.unroute('**/api/v1/apps/*/templates/*');
  await page.keyboard.press('Control+s');
  await expect(saved(page)).toContainText('已保存');
  await expect(both).toHaveCount(0);
});

test('two authors change one draft: each sees what the other has saved, and nothing is lost', async ({
  tidings,
  signedIn,
}) => {
  const [first, second] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'administrator')];
  const { agent } = await tidings.newApp('工会');
  const path = `/apps/${agent}/templates`;
  const { template_id: id } = await api<{ template_id: string }>(
    tidings.base,
    first,
    'POST',
    path,
    markdown('团建报名', '周五团建。'),
  );
  const stored = async () => (await api<Stored>(tidings.base, first, 'GET', `${path}/${id}`)).newest.form;
  const [mine, theirs] = [await signedIn(first), await signedIn(second)];
  for (const page of [mine, theirs]) {
    await page.goto(`${tidings.base}/console/templates/${agent}/${id}`);
    await expect(text(page)).toContainText('周五团建。');
    await text(page).press('Control+End');
  }
  await mine.keyboard.type('请自带水杯。');
  await theirs.keyboard.type('改到周六。');
  await theirs.keyboard.press('Control+s');
  await expect(saved(theirs)).toContainText('已保存');

  // The bar and what stands below it say who was first, and when.
  await mine.keyboard.press('Control+s');
  await expect(saved(mine)).toHaveText(new RegExp(`^${second.name} 在 \\d\\d:\\d\\d 也保存过，你的还没保存$`));
  const both = mine.getByRole('region', { name: new RegExp(`^${second.name} 也改了这份草稿，\\d\\d:\\d\\d 保存$`) });
  await expect(both.locator('.change')).toHaveCount(1);
  await expect(both.locator('dd').first()).toHaveText('我的周五团建。请自带水杯。');
  await expect(both.locator('dd').last()).toHaveText(`${second.name}周五团建。改到周六。`);
  expect(await violations(mine)).toEqual([]);
  expect((await stored()).content).toBe('周五团建。改到周六。');

  // What is written on waits with the rest, also for a page that is opened again.
  await text(mine).press('Control+End');
  await mine.keyboard.type('两点集合。');
  await expect(both.locator('dd').first()).toContainText('请自带水杯。两点集合。');
  mine.on('dialog', (d) => void d.accept());
  await mine.reload();
  await mine.getByRole('button', { name: /^恢 ?复$/ }).click();
  await expect(text(mine)).toContainText('周五团建。请自带水杯。两点集合。');
  await mine.keyboard.press('Control+s');
  await expect.poll(async () => (await stored()).content).toBe('周五团建。请自带水杯。两点集合。');

  // Now the other is second, and takes what is there.
  await text(theirs).press('Control+End');
  await theirs.keyboard.type('谢谢。');
  await theirs.keyboard.press('Control+s');
  await expect(theirs.getByRole('region', { name: new RegExp(`^${first.name} 也改了这份草稿`) })).toBeVisible();
  await theirs.getByRole('button', { name: '用对方的', exact: true }).last().click();
  await expect(text(theirs)).toHaveText('周五团建。请自带水杯。两点集合。');
  await expect(saved(theirs)).toContainText('已保存');
  expect((await stored()).content).toBe('周五团建。请自带水杯。两点集合。');
});

test('why a version was sent back stands above the next one', async ({ tidings, signedIn }) => {
  const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
  const { agent } = await tidings.newApp('财务');
  const id = await submitted(tidings.base, author, agent, markdown('报销提醒', '请尽快报销。'));
  const path = `/apps/${agent}/templates/${id}`;
  await api(tidings.base, reviewer, 'POST', `${path}/versions/1/reject`, { reason: '请写明截止日期。' });
  const page = await signedIn(author);
  await page.goto(`${tidings.base}/console/templates/${agent}/${id}`);
  await expect(page.getByText('请写明截止日期。')).toBeVisible();
  await page.getByRole('button', { name: '编辑为 v2' }).click();
  await text(page).press('Control+End');
  await page.keyboard.type('周五截止。');
  await page.keyboard.press('Control+s');
  await expect(page.getByText('草稿 v2')).toBeVisible();
  await expect(page.getByText('请写明截止日期。')).toBeVisible();
  const { newest } = await api<Stored>(tidings.base, author, 'GET', path);
  expect(newest).toMatchObject({ number: 2, state: 'draft', form: { content: '请尽快报销。周五截止。' } });

  // Whoever may not write sees it and writes nothing.
  const other = await signedIn(reviewer);
  await other.goto(`${tidings.base}/console/templates/${agent}/${id}`);
  await expect(other.getByText('请尽快报销。周五截止。').first()).toBeVisible();
  await expect(other.getByRole('button', { name: '提交审核' })).toHaveCount(0);
});

test('all templates are listed by state, found, and begun from a sample', async ({ tidings, signedIn }) => {
  const author = withRole(tidings.first, 'author');
  const { agent } = await tidings.newApp('差旅'); // which has no template yet
  const page = await signedIn(author, { reducedMotion: 'reduce' });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/templates`);
  const cards = page.locator('.template-card');
  await expect(page.getByRole('heading', { name: '使用中', level: 2 })).toBeVisible();
  await expect(cards.filter({ hasText: '周年庆优惠' })).toContainText('已退回 v1');
  await expect(cards.filter({ hasText: '订单发货' }).locator('.card')).toContainText('SO-20418');
  expect(await violations(page)).toEqual([]);

  // Filters stand in the address, and Back takes them away.
  await page.keyboard.press('/');
  await page.keyboard.type('订单发货');
  await expect(cards).toHaveCount(1);
  await expect(page).toHaveURL(/q=/);
  await page.getByRole('button', { name: '去掉「名称或模板编号」' }).click();
  await expect(cards.filter({ hasText: '周年庆优惠' })).toBeVisible();
  await page.goto(`${tidings.base}/console/templates?q=nothing-has-this`);
  await page.getByRole('button', { name: '清除筛选' }).last().click();
  await expect(cards.first()).toBeVisible();

  await page.getByRole('button', { name: '新建模板' }).click();
  await choose(page, page.getByRole('dialog').getByRole('combobox', { name: '应用' }), '差旅');
  await page.getByRole('radio', { name: '请假结果' }).check();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '开始撰写' }).click();
  await expect(page.getByRole('heading', { name: '请假结果', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/templates/${agent}/`));
  await expect(page.getByRole('region', { name: '预览' })).toContainText('年假');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '更多操作' }).click();
  await page.getByRole('menuitem', { name: '删除' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
  await expect(page.getByRole('heading', { name: '模板', level: 1 })).toBeVisible();
  expect(seen).toEqual([]);
});

for (const { scheme, width } of some(
  [
    { scheme: 'light', width: 1440 },
    { scheme: 'dark', width: 390 },
  ] as const,
  1,
)) {
  test(`all templates are listed as rows, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
    const { agent } = await tidings.newApp(`培训 ${width}，人力资源与行政服务中心`);
    const id = await submitted(tidings.base, author, agent, markdown(`新员工培训 ${width}`, '周一上课。'));
    const path = `/apps/${agent}/templates/${id}`;
    await api(tidings.base, reviewer, 'POST', `${path}/versions/1/approve`);
    await api(tidings.base, author, 'PUT', path, { form: markdown(`新员工培训 ${width}`, '周二上课。') });
    const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 844 } } as const;
    const page = await signedIn(author, options);
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console/templates`);
    await expect(page.locator('.template-card').first()).toBeVisible();
    await page.getByRole('radiogroup', { name: '显示方式' }).getByTitle('列表').click();
    await expect(page.locator('.template-card')).toHaveCount(0);
    const row = page.getByRole('row').filter({ hasText: `新员工培训 ${width}` });
    await expect(row.locator('.status:visible')).toHaveText(['使用中 v1', '草稿 v2']);
    await expect(row).toContainText(`培训 ${width}`);
    await expect(row.locator('time:visible')).toHaveText('刚刚');
    await expect(row.getByText(author.name)).toBeVisible({ visible: width >= 768 });
    expect(await violations(page)).toEqual([]);
    const panel = page.getByRole('region', { name: '模板' }); // nothing of it is reached by scrolling sideways
    expect(await panel.evaluate((e) => e.scrollWidth - e.clientWidth)).toBe(0);

    // In the groups of the cards, of which each has its rows; and so again next time.
    const groups = page.locator('tbody');
    await expect(groups.filter({ has: page.getByRole('rowheader', { name: '草稿' }) })).toContainText(`培训 ${width}`);
    await expect(groups.filter({ has: page.getByRole('rowheader', { name: '已退回' }) })).toContainText('周年庆优惠');
    await page.reload();
    await expect(row).toBeVisible();
    await expect(page.locator('.template-card')).toHaveCount(0);

    // A row opens by itself, and by keys.
    await page.keyboard.press('j');
    await expect(page.getByRole('row').locator('.row-link').first()).toBeFocused();
    await row.getByRole('link').click();
    await expect(page.getByRole('heading', { name: `新员工培训 ${width}`, level: 1 })).toBeVisible();
    await page.goBack();
    await page.getByRole('radiogroup', { name: '显示方式' }).getByTitle('卡片').click();
    await expect(page.locator('.template-card').first()).toBeVisible();
    await page.reload();
    await expect(page.locator('.template-card').first()).toBeVisible();
    expect(seen).toEqual([]);
  });
}

// Nothing but its key names an app that nobody has installed: its templates are written,
// reviewed and found all the same.
test('a template of an app that is installed nowhere is written and reviewed', async ({ tidings, signedIn }) => {
  const made = await tidings.admin<{ suite_key: string }>(
    '--org',
    tidings.first.corp_id,
    'suite',
    'create',
    '会员关怀',
  );
  await tidings.admin('org', 'update', tidings.second.corp_id, '--reviews-others');
  const wide = { viewport: { width: 1440, height: 900 } };
  const page = await signedIn(withRole(tidings.first, 'author'), wide);
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/templates`);
  await page.getByRole('button', { name: '新建模板' }).click();
  await choose(page, page.getByRole('dialog').getByRole('combobox', { name: '应用' }), '会员关怀');
  await page.getByRole('radio', { name: '请假结果' }).check();
  await page.getByRole('button', { name: '开始撰写' }).click();
  await expect(page).toHaveURL(new RegExp(`/templates/${made.suite_key}/`));
  await expect(page.getByRole('region', { name: '预览' })).toContainText('年假');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: '提交审核' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '提交审核' }).click();
  await expect(page.getByRole('button', { name: '收回' })).toBeVisible();
  await page.goto(`${tidings.base}/console/templates?app=${made.suite_key}`);
  await expect(page.getByRole('link', { name: '请假结果' })).toBeVisible();

  const reviewer = await signedIn(withRole(tidings.second, 'reviewer'), wide);
  await reviewer.goto(`${tidings.base}/console/reviews`);
  await reviewer
    .getByRole('row', { name: /会员关怀/ })
    .getByRole('link')
    .click();
  await expect(reviewer).toHaveURL(new RegExp(`/reviews/${made.suite_key}/`));
  await reviewer.getByRole('radio', { name: '通过' }).check();
  await reviewer.getByRole('button', { name: '提交', exact: true }).click();
  await expect(reviewer.getByText('已通过', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('region', { name: /使用中/ }).or(page.getByText('使用中').first())).toBeVisible();
  expect(seen).toEqual([]);
});
