import { expect, it } from 'vitest';
import { csv, linesOf, type Matches, meant, rowsOf, undecided } from './names';

const candidate = (userid: string) => ({ userid, name: '王伟', job_number: '', departments: [] });
const matches: Matches = {
  matched: [
    { line: 1, text: 'lin', userid: 'lin', name: '林晓雨' },
    { line: 5, text: '王伟（一部）', userid: 'wang1', name: '王伟' },
  ],
  ambiguous: [
    { line: 2, text: '王伟', candidates: [candidate('wang1'), candidate('wang2')], more: false },
    { line: 3, text: '王伟', candidates: [candidate('wang1'), candidate('wang2')], more: false },
  ],
  unknown: [{ line: 4, text: '=1+1' }],
  repeated: [{ line: 6, text: 'LIN', userid: 'lin' }],
};

it('a pasted list has the lines that say something', () => {
  expect(linesOf(' lin \r\n\n\t\n陈晨\r王伟')).toEqual(['lin', '陈晨', '王伟']);
});

it('everybody is meant once, and of those with the same name who was chosen', () => {
  expect(meant(matches, {}).map((p) => p.userid)).toEqual(['lin', 'wang1']);
  expect(meant(matches, { 2: 'wang2', 3: 'wang1' }).map((p) => p.userid)).toEqual(['lin', 'wang1', 'wang2']);
  expect([undecided(matches, {}), undecided(matches, { 2: '', 3: 'wang1' })]).toEqual([2, 0]);
});

it('a part of the list is a file that holds no formula', () => {
  expect(csv([['line', 'text'], ...rowsOf(matches, 'unknown')])).toBe("\uFEFFline,text\r\n4,'=1+1\r\n");
  expect(csv([['a,"b"', '＠x', '\tx', '-']])).toBe('\uFEFF"a,""b""",\'＠x,\'\tx,\'-\r\n');
  expect(rowsOf(matches, 'ambiguous')).toHaveLength(4);
  expect(rowsOf(matches, 'repeated')).toEqual([['6', 'LIN', 'lin']]);
});
