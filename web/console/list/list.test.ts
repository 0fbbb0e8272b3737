// @vitest-environment jsdom

import { beforeEach, describe, expect, it } from 'vitest';
import { speak } from '../../shared/words';
import { parseSearch, stringifySearch } from '../shell/search';
import { ago } from './ago';
import { listSearch, sizeOf } from './search';
import { keepView, keptView } from './view';

describe('the address of a list', () => {
  it('holds what the list knows as plain text, and nothing that is empty', () => {
    const keep = listSearch(['q', 'state']);
    const typed = keep(parseSearch('?q=10&state=&size=20&before=7&other=x'));
    expect(typed).toEqual({ q: '10', size: '20', before: '7' });
    expect(stringifySearch({ ...typed, before: undefined })).toBe('?q=10&size=20');
    expect(stringifySearch({ q: '' })).toBe('');
  });

  it('has sizes that the list offers', () => {
    expect([sizeOf('100'), sizeOf('7'), sizeOf(undefined)]).toEqual([100, 50, 50]);
  });
});

describe('the view of a list', () => {
  const plain = { hidden: [], dense: false, rows: false };
  beforeEach(() => localStorage.clear());

  it('is kept, and a reset leaves nothing', () => {
    keepView('tasks', { hidden: ['app'], dense: true, rows: true });
    expect(keptView('tasks')).toEqual({ hidden: ['app'], dense: true, rows: true });
    expect(keptView('others')).toEqual(plain);
    keepView('tasks', { ...plain, rows: true });
    expect(keptView('tasks')).toEqual({ ...plain, rows: true });
    keepView('tasks', plain);
    expect(localStorage.length).toBe(0);
  });

  it.each(['{', '7', 'null', '{"hidden":7,"dense":1,"rows":"1"}', '{"hidden":[7]}'])(
    'is plain where %s is kept',
    (kept) => {
      localStorage.setItem('tidings.console.list.tasks', kept);
      expect(keptView('tasks')).toEqual(plain);
    },
  );
});

it('says how long ago something was within a day', async () => {
  await speak('zh', (l) => import(`../words/${l}.po`));
  const now = new Date(2026, 2, 4, 12, 0);
  const before = (minutes: number) => ago(new Date(now.getTime() - minutes * 60_000), now);
  expect([0, 5, 59, 60, 1439].map(before)).toEqual(['刚刚', '5分钟前', '59分钟前', '1小时前', '23小时前']);
  expect([1440, -2].map(before)).toEqual([null, null]);
});
