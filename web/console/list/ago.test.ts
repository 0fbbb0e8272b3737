import { describe, expect, it } from 'vitest';
import { age } from './ago';

const now = new Date('2026-03-01T12:00:00Z');

describe('age', () => {
  it.each([
    [3 * 3600, /3 (hours ago|小时前)|3小时前/],
    [24 * 3600, /1 ?(day ago|天前)/],
    [59.9 * 86400, /59 ?(days ago|天前)/],
    [60 * 86400, /1 ?(month ago|个月前)/],
    [729 * 86400, /23 ?(months ago|个月前)/],
    [730 * 86400, /2 ?(years ago|年前)/],
    [1100 * 86400, /3 ?(years ago|年前)/],
  ])('of %s seconds', (seconds, words) => {
    expect(age(new Date(now.getTime() - seconds * 1000), now)).toMatch(words);
  });
});
