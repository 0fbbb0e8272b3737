import { describe, expect, it } from 'vitest';
import { badge, badgeText, isUnread } from './badge';
import { item } from './testing';

const here = (read: [string, string][], allThrough = 0) => ({ read: new Map(read), allThrough });

describe('the badge', () => {
  const unread = { count: 3, by_app: { '7': 2, '8': 1 }, message_ids: ['m1', 'm2', 'm3'] };

  it('is what the server says', () => {
    expect(badge(unread, here([]), [])).toEqual({ count: 3, byApp: { '7': 2, '8': 1 } });
  });

  it('falls at once by what was read here', () => {
    expect(badge(unread, here([['m2', '7']]), [])).toEqual({ count: 2, byApp: { '7': 1, '8': 1 } });
  });

  it('does not fall twice when the server knows already', () => {
    expect(
      badge({ ...unread, count: 2, by_app: { '7': 1, '8': 1 }, message_ids: ['m1', 'm3'] }, here([['m2', '7']]), [])
        .count,
    ).toBe(2);
  });

  it('stays at 99+ as long as the server stops counting', () => {
    const many = { count: 100, by_app: { '7': 100 }, message_ids: ['m1'] };
    expect(badge(many, here([['m1', '7']]), []).count).toBe(100);
    expect(badgeText(100)).toBe('99+');
  });

  it('counts only what came since, while everything is being marked', () => {
    const items = [
      item(1),
      item(2),
      item(3),
      item(4, { read_at: 'x' }),
      item(5, { app: { agent_id: '8', name: '', icon: '' } }),
    ];
    expect(badge(unread, here([], 2), items)).toEqual({ count: 2, byApp: { '7': 1, '8': 1 } });
  });
});

it('a message is unread until it is read, here or elsewhere, recalled, or everything is', () => {
  expect(isUnread(item(3), here([]))).toBe(true);
  expect(isUnread(item(3, { read_at: 'x' }), here([]))).toBe(false);
  expect(isUnread(item(3, { recalled_at: 'x' }), here([]))).toBe(false);
  expect(isUnread(item(3), here([['m3', '7']]))).toBe(false);
  expect(isUnread(item(3), here([], 3))).toBe(false);
  expect(isUnread(item(4), here([], 3))).toBe(true);
});

it('says nothing for none', () => {
  expect([badgeText(0), badgeText(7), badgeText(99), badgeText(250)]).toEqual(['', '7', '99', '99+']);
});
