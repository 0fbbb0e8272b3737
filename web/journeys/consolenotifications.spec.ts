// What an organization was sent: the list, and one notification.

import { readFile } from 'node:fs/promises';
import { lookFurther, watched, withRole } from './console';
import { card, expect, some, test, violations } from './journey';
import type { Person } from './tidings';

test.describe.configure({ mode: 'parallel' });
// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const { scheme, width } of some(
  [
    { scheme: 'dark', width: 390 },
    { scheme: 'light', width: 1440 },
  ] as const,
  0,
)) {
  test(`a developer finds what was sent, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const developer = withRole(tidings.first, 'developer');
    const readers = tidings.first.users.slice(20, 22);
    const app = await tidings.newApp(`食堂 ${width}`);
    const menu = await app.text(readers, `今天的菜单 ${width}：番茄牛腩`);
    const recalled = await app.text(readers, `昨天的菜单 ${width}`);
    await app.recall(recalled);
    const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 844 } } as const;
    const page = await signedIn(developer, options);
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console`);
    await expect(page.getByRole('heading', { name: '通知', level: 1 })).toBeVisible();
    const row = (text: string) => page.getByRole('row').filter({ hasText: text });
    await expect(row(`今天的菜单 ${width}`)).toContainText('2 / 2');
    await expect(row(`昨天的菜单 ${width}`)).toHaveCount(0); // what is recalled is recalled here too
    expect(await violations(page)).toEqual([]);

    // What its text says, by the key and in the address.
    await page.keyboard.press('/');
    await page.keyboard.type(`今天的菜单 ${width}`);
    await expect(page.getByRole('list', { name: '已用的筛选' })).toContainText(`今天的菜单 ${width}`);
    await expect(page.getByRole('row').filter({ hasText: '菜单' })).toHaveCount(1);
    await expect(page).toHaveURL(/\?q=/);
    await page.getByRole('button', { name: '清除筛选' }).click();

    // Only this app, then only what was recalled.
    await row(`今天的菜单 ${width}`).getByRole('button').click();
    await expect(page.getByRole('menu')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('menuitem', { name: '只看这个应用' }).click();
    await expect(page.getByRole('list', { name: '已用的筛选' })).toContainText(`食堂 ${width}`);
    await expect(row('2 / 2')).toHaveCount(2);
    if (width < 768) {
      await page.getByRole('button', { name: '筛选', exact: true }).click();
      expect(await violations(page)).toEqual([]);
    }
    await page.getByRole('combobox', { name: '状态' }).click();
    await page.getByText('已撤回', { exact: true }).last().click();
    if (width < 768) {
      await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click();
    }
    await expect(row('2 / 2')).toHaveCount(1);
    await expect(row('已撤回的通知')).toContainText('已撤回');
    await page.goBack();
    await expect(row('2 / 2')).toHaveCount(2);

    // A new one waits until it is asked for.
    await app.text(readers, `明天的菜单 ${width}`);
    await page.getByRole('button', { name: '1 条新通知' }).click({ timeout: 30_000 });
    await expect(row(`明天的菜单 ${width}`)).toBeVisible();

    // Recalled by hand.
    await row(`明天的菜单 ${width}`).getByRole('button').click();
    await page.getByRole('menuitem', { name: '撤回…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('撤回后 2 人看不到内容。不能恢复。');
    await expect(dialog.getByRole('button', { name: '取消' })).toBeFocused();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: '撤回 2 人的通知' }).click();
    await expect(row(`明天的菜单 ${width}`)).toHaveCount(0);
    await expect(row('已撤回的通知')).toHaveCount(2);

    // By its id, from anywhere.
    await expect(dialog).toBeHidden();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: '查找' }).fill(String(recalled));
    await expect(page.getByRole('option', { name: `通知 · ${recalled}` })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`/notifications/${recalled}$`));
    // Enter counts that comes before the answers.
    let answer = () => {};
    const asked = new Promise<void>((arrived) => {
      void page.route(/\/api\/v1\/templates\?/, (route) => {
        answer = () => void route.continue();
        arrived();
      });
    });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: '查找' }).fill(String(menu));
    await asked;
    await page.keyboard.press('Enter');
    answer();
    await expect(page).toHaveURL(new RegExp(`/notifications/${menu}$`));
    await page.unroute(/\/api\/v1\/templates\?/);
    // All that others were sent is not looked through at once.
    await page.goto(`${tidings.base}/console/notifications?app=${app.agent}&q=没有这样的标题`);
    await lookFurther(page, page.getByRole('heading', { name: '没有符合条件的内容' }).or(page.getByText('没有更多了')));
    // A page behind the last one says that it is.
    await page.goto(`${tidings.base}/console/notifications?before=1`);
    await expect(page.getByText('没有更多了')).toBeVisible();
    expect(seen).toEqual([]);
  });
}

for (const { scheme, width } of some(
  [
    { scheme: 'light', width: 390 },
    { scheme: 'dark', width: 1440 },
  ] as const,
  1,
)) {
  test(`a developer follows one notification, ${scheme}, ${width} pixels`, async ({ tidings, signedIn }) => {
    const developer = withRole(tidings.first, 'developer', 1);
    const readers = tidings.first.users.slice(24, 26) as [Person, Person];
    const app = await tidings.newApp(`请假 ${width}`);
    await app.send(readers[0], leave(width));
    await app.send(readers, leave(width)); // one of them has had it today
    const options = { colorScheme: scheme, reducedMotion: 'reduce', viewport: { width, height: 844 } } as const;
    const page = await signedIn(developer, options);
    const seen = watched(page, tidings.base);
    await page.goto(`${tidings.base}/console/notifications?held=true&q=${encodeURIComponent(`年假 ${width}`)}`);
    await expect(page.getByRole('row').filter({ hasText: '1 / 2' })).toHaveCount(1);

    // By keys: the row, and the page says its name.
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: `年假 ${width}`, level: 1 })).toBeFocused();
    await expect(page.getByRole('region', { name: '收件人看到的内容' })).toContainText('三天');
    const count = (name: string) => page.locator('.count').filter({ hasText: name }).locator('dd');
    await expect(count('指定')).toHaveText('2');
    await expect(count('送达')).toHaveText('1');
    await expect(count('已读')).toHaveText('0');
    await expect(page.getByRole('list', { name: '未达的原因' })).toContainText('今天已收到相同内容（143106）');
    await expect(page.getByRole('region', { name: '时间线' })).toContainText('发送');
    expect(await violations(page)).toEqual([]);

    // Somebody reads it, and the number changes by itself.
    const reader = await signedIn(readers[1]);
    await card(reader, `年假 ${width}`).waitFor();
    await expect(count('已读')).toHaveText('1', { timeout: 30_000 });
    await expect(page.locator('.ring')).toContainText('100%');

    // Whoever has read it comes on top of the list.
    const people = page.getByRole('region', { name: '名单' });
    await expect(async () => {
      await people.evaluate((e) => e.scrollIntoView()); // rows are drawn where they can be seen
      const reader = people.getByRole('listitem').filter({ hasText: readers[1].userid });
      await expect(reader).toContainText(readers[1].name, { timeout: 500 });
    }).toPass({ timeout: 15_000 });
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      people
        .getByRole('button', { name: '导出 1 人' })
        .click()
        .then(() => page.getByRole('menuitem', { name: 'CSV' }).click()),
    ]);
    expect(file.suggestedFilename()).toMatch(/^task-\d+-read\.csv$/);
    expect(await readFile(await file.path(), 'utf8')).toContain(`\r\n${readers[1].userid},`);
    await people.getByRole('button', { name: '未达 1' }).click();
    const held = people.getByRole('listitem').filter({ hasText: readers[0].userid });
    await expect(held).toContainText('今天已收到相同内容（143106）');
    await held.getByRole('button').first().click();
    await expect(people.getByRole('list', { name: '已用的筛选' })).toContainText('部门');
    await people.getByRole('searchbox').fill('没有这个人');
    await expect(people.getByRole('heading', { name: '没有符合条件的内容' })).toBeVisible();
    await people.getByRole('button', { name: '清除筛选' }).first().click();
    await expect(held).toBeVisible();
    await expect(page).toHaveURL(/tab=held$/);
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: '修改状态' }).click();
    const bar = page.getByRole('dialog');
    await expect(bar.getByRole('button', { name: '修改' })).toBeDisabled();
    await page.keyboard.type('已同意');
    await bar.getByRole('radio', { name: '自定义' }).check();
    await bar.getByRole('textbox', { name: '颜色值' }).fill('#1677ff');
    expect(await violations(page)).toEqual([]);
    await bar.getByRole('button', { name: '修改' }).click();
    await expect(page.getByRole('region', { name: '收件人看到的内容' })).toContainText('已同意');
    await expect(page.getByRole('region', { name: '时间线' })).toContainText('修改状态');

    await page.getByRole('button', { name: '撤回…' }).click();
    const dialog = page.getByRole('dialog', { name: '撤回这条通知？' });
    await expect(dialog).toContainText('撤回后 1 人看不到内容，其中 1 人已读过。不能恢复。');
    await dialog.getByRole('button', { name: '撤回 1 人的通知' }).click();
    await expect(page.getByRole('heading', { name: '已撤回的通知', level: 1 })).toBeVisible();
    await expect(page.getByText('内容不再可见')).toBeVisible();
    await expect(page.getByText('三天')).toHaveCount(0);
    await expect(count('已读')).toHaveText('1');
    await expect(page.locator('.timeline')).toContainText(developer.name);
    expect(await violations(page)).toEqual([]);

    await page.goto(`${tidings.base}/console/notifications/1`);
    await expect(page.getByRole('heading', { name: '找不到这个页面' })).toBeVisible();
    expect(seen).toEqual([]);
  });
}

const leave = (width: number) => ({
  msgtype: 'oa',
  oa: {
    message_url: 'https://leave.example.com/7',
    head: { bgcolor: 'FF3E7BFA', text: '请假' },
    body: { title: `年假 ${width}`, form: [{ key: '天数：', value: '三天' }], content: '回老家' },
  },
});
