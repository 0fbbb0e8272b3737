// Exports: a workbook and a CSV have everybody of a list, as text that no spreadsheet
// calculates.

import { readFile } from 'node:fs/promises';
import { watched, withRole } from './console';
import { expect, test } from './journey';
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
