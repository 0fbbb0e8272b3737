// Reviewing templates: what differs, what it looks like, and the decision.

import { api, markdown, submitted, waiting, watched, withRole } from './console';
import { expect, some, test, violations } from './journey';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const { scheme, width } of some(
  [
    { scheme: 'dark', width: 390 },
    { scheme: 'light', width: 1440 },
  ] as const,
  1,
)) {
  test(`a reviewer sees what differs and decides, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
    const { agent } = await tidings.newApp(`退货 ${width}`);
    const id = await waiting(tidings, tidings.first, agent, `退货入库 ${width}`);
    const path = `/apps/${agent}/templates/${id}`;
    await api(tidings.base, author, 'POST', `${path}/withdraw`); // and on second thoughts once more
    await api(tidings.base, author, 'POST', `${path}/submit`, {});

    const elsewhere = { timezoneId: 'America/New_York' }; // times are the organization's all the same
    const options = {
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: { width, height: 844 },
      ...elsewhere,
    } as const;
    const page = await signedIn(reviewer, options);
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console/reviews`);
    await expect(page.locator('tr time').last()).toHaveAttribute('title', /GMT\+8/);
    // By what it is called, from anywhere; and from the list.
    await page.getByRole('button', { name: '查找' }).click();
    await page.getByRole('combobox', { name: '查找' }).fill(`退货入库 ${width}`);
    await expect(page.getByRole('option', { name: `模板 · 退货 ${width}` })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: `退货入库 ${width}`, level: 1 })).toBeFocused();
    await page.goBack();
    await page.getByRole('link', { name: `退货入库 ${width}` }).click();
    await expect(page.getByRole('heading', { name: `退货入库 ${width} v3` })).toBeFocused();
    // What is gone and what is new is told without colours; on a phone, where they
    // stand in one text, to who hears it as well.
    const [gone, is] = width < 768 ? ['原来：3', '现在：5'] : ['3', '5'];
    await expect(page.locator('del:visible')).toHaveText([gone, gone]);
    await expect(page.locator('ins:visible')).toHaveText([is, is]);
    await expect(page.locator('del:visible').first()).toHaveCSS('text-decoration-line', 'line-through');
    await expect(page.locator('ins:visible').first()).toHaveCSS('text-decoration-line', 'underline');
    if (width < 768) {
      const against = page.locator('.against .ant-select');
      expect((await against.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
    await expect(page.getByRole('region', { name: 'v3（审核中）' })).toContainText('退款 5 个工作日');
    await expect(page.getByRole('region', { name: 'v1（使用中）' })).toContainText('退款 3 个工作日');
    await expect(page.getByText('1 处改动')).toBeVisible();
    await expect(page.getByRole('region', { name: '要点' })).toContainText('example.com');
    await page.getByRole('checkbox', { name: '只看改动' }).uncheck();
    await expect(page.locator('.change').filter({ hasText: '用途' })).toBeVisible();
    expect(await violations(page)).toEqual([]);

    // Beside another version, which the address names.
    const beside = async (name: string) => {
      await page.getByRole('combobox', { name: '对比' }).click();
      await page.locator('.ant-select-item-option').filter({ hasText: name }).click();
      await expect(page.getByRole('region', { name })).toBeVisible();
    };
    await beside('v2（已收回）');
    await expect(page.getByText('没有改动。')).toBeVisible();
    await expect(page).toHaveURL(/against=2/);
    await beside('v1（使用中）');
    await expect(page.locator('ins:visible')).toHaveText([is, is]);

    // Both themes of the card, in either theme of the page.
    const card = page.getByRole('region', { name: 'v3（审核中）' });
    await page.getByRole('complementary').getByText('浅色').click();
    await expect(card).toHaveCSS('background-color', 'rgb(245, 246, 248)');
    await page.getByRole('complementary').getByText('深色').click();
    await expect(card).toHaveCSS('background-color', 'rgb(17, 19, 21)');
    expect(await violations(page)).toEqual([]);

    // Sent back by keys alone; a reason is needed.
    await page.getByRole('radio', { name: '通过' }).focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('textbox', { name: '退回的原因' })).toBeFocused();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('button', { name: '退回', exact: true })).toBeDisabled();
    await page.keyboard.type('请写明从哪一天算起。');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '查找' }).click(); // a dialog over it: the key is not for what lies below
    await page.getByRole('combobox', { name: '查找' }).press('Control+Enter');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: '退回', exact: true })).toBeEnabled();
    await page.getByRole('textbox', { name: '退回的原因' }).focus();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText('已退回', { exact: true })).toBeVisible();
    const { newest } = await api<{ newest: { state: string; reason: string } }>(tidings.base, author, 'GET', path);
    expect(newest).toMatchObject({ state: 'rejected', reason: '请写明从哪一天算起。' });
    expect(seen).toEqual([]);
  });
}

test('what somebody else has decided meanwhile cannot be decided', async ({ tidings, signedIn }) => {
  const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
  const { agent } = await tidings.newApp('考勤');
  const id = await submitted(tidings.base, author, agent, markdown('漏打卡提醒', '昨天下班没有打卡。'));
  const page = await signedIn(reviewer);
  await page.goto(`${tidings.base}/console/reviews/${agent}/${id}/1`);
  await expect(page.getByRole('heading', { name: '新建的模板' })).toBeVisible();
  await page.getByRole('radio', { name: '通过' }).check();
  await expect(page.getByText('通过后立即启用')).toBeVisible();
  await api(tidings.base, reviewer, 'POST', `/apps/${agent}/templates/${id}/versions/1/approve`);
  await expect(page.getByRole('status').getByText(new RegExp(`^${reviewer.name} 已在 .*\\d.* 通过。$`))).toBeVisible();
  await expect(page.getByRole('radio', { name: '通过' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: '提交' })).toHaveCount(0);

  // Nor what was taken back.
  const other = await submitted(tidings.base, author, agent, markdown('加班提醒', '今天加班。'));
  await page.goto(`${tidings.base}/console/reviews/${agent}/${other}/1`);
  await page.getByRole('radio', { name: '通过' }).check();
  await api(tidings.base, author, 'POST', `/apps/${agent}/templates/${other}/withdraw`);
  await expect(page.getByText(new RegExp(`${author.name} 已在 .+ 收回`))).toBeVisible();
  await expect(page.getByRole('radio', { name: '通过' })).toHaveCount(0);

  // Gone, or never there, reads the same.
  await page.goto(`${tidings.base}/console/reviews/${agent}/999999/1`);
  await expect(page.getByRole('heading', { name: '找不到这个页面' })).toBeVisible();
});

test('what waits is paged, and each has its place among all', async ({ tidings, signedIn }) => {
  const [author, reviewer] = [withRole(tidings.first, 'author'), withRole(tidings.first, 'reviewer')];
  const { agent } = await tidings.newApp('门禁');
  const names = Array.from({ length: 52 }, (_, n) => `门禁提醒 ${n + 1}`);
  const ids: string[] = [];
  for (const name of names) {
    ids.push(await submitted(tidings.base, author, agent, markdown(name, '请带好工牌。')));
  }
  const waits = await api<{ count: number }>(tidings.base, reviewer, 'GET', '/template-reviews?limit=1');
  const page = await signedIn(reviewer);
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/reviews`);
  const rows = page.locator('tbody tr');
  await expect(rows).toHaveCount(50);
  await expect(page.locator('.menu-badge:visible')).toContainText(String(waits.count));
  const pager = page.getByRole('navigation', { name: '翻页' });
  await expect(pager.getByRole('button', { name: '较早' })).toBeDisabled();
  const first = await rows.first().getByRole('link').textContent();
  expect(await violations(page)).toEqual([]);
  await pager.getByRole('button', { name: '较新' }).click();
  await expect(rows.last()).toContainText('门禁提醒 52');
  await expect(rows).toHaveCount(waits.count - 50);
  await expect(pager.getByRole('button', { name: '较新' })).toBeDisabled();

  // Whoever comes by the address of a page goes back from there, by what is before it.
  const address = page.url();
  await page.goto(`${tidings.base}/console/templates`);
  await page.goto(address);
  await expect(rows.last()).toContainText('门禁提醒 52');
  await pager.getByRole('button', { name: '较早' }).click();
  await expect(page).toHaveURL(/back=/);
  await expect(rows).toHaveCount(50);
  await expect(rows.first().getByRole('link')).toHaveText(first ?? '');
  await expect(pager.getByRole('button', { name: '较早' })).toBeDisabled();
  await pager.getByRole('button', { name: '较新' }).click();
  await expect(rows).toHaveCount(waits.count - 50);

  // Its place is told beyond the first page, and keys lead from page to page.
  await rows.last().getByRole('link').click();
  const place = page.locator('.crumbs');
  await expect(place).toContainText(`${waits.count}/${waits.count}`);
  await expect(page.getByRole('button', { name: '下一个' })).toBeDisabled();
  for (let at = waits.count - 1; at >= 49; at--) {
    await expect(page.getByRole('button', { name: '上一个' })).toBeEnabled(); // it is known which that is
    await page.keyboard.press('k');
    await expect(place).toContainText(`${at}/${waits.count}`);
  }

  // Decided: the next one is shown, and one less waits.
  await page.getByRole('radio', { name: '通过' }).check();
  await page.getByRole('button', { name: '提交' }).click();
  await expect(place).toContainText(`49/${waits.count - 1}`);

  // Back where the list was, and on to its beginning.
  await page.goto(`${tidings.base}/console/reviews`);
  await pager.getByRole('button', { name: '较新' }).click();
  await page.goBack();
  await expect(rows.first().getByRole('link')).toHaveText(first ?? '');
  for (const id of ids) {
    await api(tidings.base, author, 'DELETE', `/apps/${agent}/templates/${id}`);
  }
  expect(seen).toEqual([]);
});
