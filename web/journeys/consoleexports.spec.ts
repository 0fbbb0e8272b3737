// Exports: a workbook and a CSV have everybody of a list, as text that no spreadsheet
// calculates. Where there is no file, the page says why.

import { readFile } from 'node:fs/promises';
import { watched, withRole } from './console';
import { expect, test, violations } from './journey';
import { csvRows, xlsxRows } from './sheets';

// What opens is there at once: a click lands where it was aimed at.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('a list of people is exported as a workbook and as CSV', async ({ tidings, signedIn }) => {
  const names = ['=1+1', '+8 楼前台', '-组长', '@all', '＝全角', `O'Neill "Ann", 安`, 'a<b>&amp;'];
  const ids = names.map((_, n) => `export-${n}`);
  for (const [n, name] of names.entries()) {
    const person = ['--dept', '1', '--job-number', `00${n}7`, '--', ids[n] ?? '', name];
    await tidings.admin('--org', tidings.first.corp_id, 'user', 'create', ...person);
  }
  const app = await tidings.newApp('导出');
  const task = await app.text(
    ids.map((userid) => ({ ...tidings.person(0), userid })),
    '请核对名单',
  );
  const page = await signedIn(withRole(tidings.first, 'administrator'), { viewport: { width: 1440, height: 900 } });
  const seen = watched(page, tidings.base);
  await page.goto(`${tidings.base}/console/notifications/${task}?tab=unread`);
  const files: Record<string, Buffer> = {};
  for (const format of ['XLSX', 'CSV']) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: `导出 ${names.length} 人` })
        .click()
        .then(() => page.getByRole('menuitem', { name: format }).click()),
    ]);
    expect(file.suggestedFilename()).toBe(`task-${task}-unread.${format.toLowerCase()}`);
    files[format] = await readFile(await file.path());
  }
  const [workbook, csv] = [xlsxRows(files.XLSX as Buffer), csvRows(files.CSV as Buffer)];
  const [head, ...people] = workbook;
  expect(head?.slice(0, 4)).toEqual(['userid', 'name', 'job_number', 'departments']);
  const shown = new Map(people.map(([userid, name, number]) => [userid, [name, number]]));
  expect(shown).toEqual(new Map(ids.map((id, n) => [id, [names[n], `00${n}7`]])));

  // The CSV says the same, and an apostrophe before whatever would be a formula.
  const guarded = (cell: string) => (/^[=+\-@＝]/.test(cell) ? `'${cell}` : cell);
  const width = head?.length ?? 0;
  expect(csv).toEqual(workbook.map((row) => Array.from({ length: width }, (_, n) => guarded(row[n] ?? ''))));
  expect(csv.filter(([, name]) => name?.startsWith("'")).length).toBe(5);
  expect(seen).toEqual([]);
});

test('an export that is refused, cut off or cancelled says so and saves nothing', async ({ tidings, signedIn }) => {
  const app = await tidings.newApp('导出被拒');
  const task = await app.text([tidings.person(1), tidings.person(2)], '请核对');
  const page = await signedIn(withRole(tidings.first, 'administrator'), { viewport: { width: 1440, height: 900 } });
  const seen = watched(page, tidings.base);
  const saved: string[] = [];
  page.on('download', (file) => saved.push(file.suggestedFilename()));
  await page.goto(`${tidings.base}/console/notifications/${task}?tab=unread`);
  const button = page.getByRole('button', { name: '导出 2 人', exact: true });
  const told = (words: string) => page.locator('.ant-message-notice').filter({ hasText: words });
  const ask = async (format: string) => {
    await button.click();
    await page.getByRole('menuitem', { name: format }).click();
  };
  const refused = { title: 'Service Unavailable', status: 503, code: 'busy', detail: '4 exports are being written' };
  const path = '**/recipients/export?*';
  await page.route(path, (r) =>
    r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(refused) }),
  );
  await ask('XLSX');
  await expect(told('服务器正忙，没有导出文件。请稍后重试。')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.unroute(path);

  await page.route(path, (r) => r.abort());
  await ask('CSV');
  await expect(told('什么都没有保存')).toBeVisible();
  await page.unroute(path);

  // One that takes long is cancelled where it was asked for.
  let go: () => void = () => undefined;
  const held = new Promise<void>((done) => {
    go = done;
  });
  await page.route(path, async (r) => {
    await held;
    await r.fallback();
  });
  await ask('CSV');
  const cancel = page.getByRole('button', { name: '正在导出 2 人 · 取消' });
  await expect(cancel).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await cancel.click();
  await expect(button).toBeVisible();
  go();
  await page.unroute(path);
  expect(saved).toEqual([]);

  // By keys alone, and in English.
  await page.getByRole('button', { name: '语言' }).click();
  await page.getByRole('menuitem', { name: 'English' }).click();
  const english = page.getByRole('button', { name: 'Export 2 people', exact: true });
  const byKeys = async () => {
    await english.focus();
    await page.keyboard.press('Enter');
    const csv = page.getByRole('menuitem', { name: 'CSV' });
    await expect(csv).toBeVisible();
    await expect(async () => {
      await page.keyboard.press('ArrowDown');
      await expect(csv).toBeFocused({ timeout: 200 });
    }).toPass();
    await page.keyboard.press('Enter');
  };
  await page.route(path, (r) =>
    r.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(refused) }),
  );
  await byKeys();
  await expect(told('The server is busy, and no file was exported. Try again in a moment.')).toBeVisible();
  await page.unroute(path);
  const [file] = await Promise.all([page.waitForEvent('download'), byKeys()]);
  expect(csvRows(await readFile(await file.path())).length).toBe(3);
  await expect(english).toBeFocused();
  expect(saved).toEqual([`task-${task}-unread.csv`]);
  expect(seen).toEqual([]);
});

test('an export says how many people have arrived', async ({ tidings, signedIn }) => {
  const app = await tidings.newApp('导出进度');
  const task = await app.text([tidings.person(1), tidings.person(2), tidings.person(3)], '请核对');
  const page = await signedIn(withRole(tidings.first, 'administrator'), { viewport: { width: 1440, height: 900 } });
  const seen = watched(page, tidings.base);
  // A network on which the end of a file takes as long as the journey wants.
  await page.addInitScript(() => {
    const real = window.fetch;
    window.fetch = async (...asked) => {
      const answer = await real(...asked);
      const { late } = window as { late?: Promise<void> };
      if (!late || !answer.body || !answer.url.includes('/recipients/export')) {
        return answer;
      }
      return new Response(answer.body.pipeThrough(new TransformStream({ flush: () => late })), answer);
    };
  });
  await page.goto(`${tidings.base}/console/notifications/${task}?tab=unread`);
  const button = page.getByRole('button', { name: '导出 3 人', exact: true });
  for (const format of ['XLSX', 'CSV']) {
    await button.click();
    await page.evaluate(() => {
      const one = window as { late?: Promise<void>; end?: () => void };
      one.late = new Promise((end) => {
        one.end = end;
      });
    });
    await page.getByRole('menuitem', { name: format }).click();
    await expect(page.getByRole('button', { name: '已导出 3 / 3 人 · 取消', exact: true })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.evaluate(() => (window as { end?: () => void }).end?.()),
    ]);
    const rows = format === 'CSV' ? csvRows : xlsxRows;
    expect(rows(await readFile(await file.path())).length).toBe(4);
    await expect(button).toBeVisible();
  }
  expect(seen).toEqual([]);
});
