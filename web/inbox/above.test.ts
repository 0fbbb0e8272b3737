import { expect, it } from 'vitest';
import { unreadAbove, unreadOf } from './above';
import { item } from './testing';

const here = { read: new Map(), untold: new Set<string>(), all: null };
const items = [item(1), item(2, { read_at: 'x' }), item(3), item(4)];

it('what is unread above the screen is counted, loaded or not', () => {
  expect(unreadAbove(items, 0, 3, here)).toBe(0);
  expect(unreadAbove(items, 2, 3, here)).toBe(1);
  expect(unreadAbove(items, 2, 52, here)).toBe(50); // 49 of them are not loaded
  expect(unreadAbove(items, 3, 2, here)).toBe(1);
  expect(unreadAbove(items, 3, 0, here)).toBe(0);
});

it('where counting stops there is more above, unless all of it is on the screen', () => {
  expect(unreadAbove(items, 2, 100, here)).toBe(100);
  expect(unreadAbove(items, 0, 100, here)).toBe(100);
  const many = Array.from({ length: 120 }, (_, n) => item(n + 1));
  expect(unreadAbove(many, 0, 100, here)).toBe(0);
});

it('is of the app that is shown', () => {
  const badge = { count: 5, byApp: { '7': 3 } };
  expect([unreadOf(badge, null), unreadOf(badge, '7'), unreadOf(badge, '8')]).toEqual([5, 3, 0]);
});
