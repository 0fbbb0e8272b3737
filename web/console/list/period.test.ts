// @vitest-environment jsdom

import { expect, it } from 'vitest';
import { speak } from '../../shared/words';
import { chosenPeriod, daysOf, periodOf, periodText } from './period';

const now = new Date(2026, 2, 1, 15, 30);
const midnight = (month: number, date: number) => new Date(2026, month, date).toISOString();

it.each([
  ['today', { from: midnight(2, 1) }],
  ['7', { from: midnight(1, 23) }],
  ['2026-02-27..2026-02-28', { from: midnight(1, 27), to: midnight(2, 1) }],
  ['2026-02-27..', { from: midnight(1, 27) }],
  ['..2026-02-28', { to: midnight(2, 1) }],
  ['99', {}],
  ['2026-02-99..x', {}],
  [undefined, {}],
])('the period %s begins and ends with days', (period, span) => {
  expect(periodOf(period, now)).toEqual(span);
});

it('is written into the address and read from it', () => {
  expect(daysOf(chosenPeriod('2026-02-27', ''))).toEqual({ first: '2026-02-27', last: '' });
  expect(chosenPeriod('', '')).toBeUndefined();
});

it('is said in words', async () => {
  await speak('zh', (l) => import(`../words/${l}.po`));
  expect(['7', '2026-02-27..2026-02-28', '2026-02-27..', '..2026-02-28', 'x'].map(periodText)).toEqual([
    '近 7 天',
    '2026年2月27日 至 2026年2月28日',
    '2026年2月27日 起',
    '至 2026年2月28日',
    'x',
  ]);
});
