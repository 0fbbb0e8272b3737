import { describe, expect, it } from 'vitest';
import { badge, badgeText, isUnread } from './badge';
import { item } from './testing';

const here = (read: [string, string][], through = 0, agent: string | null = null) => ({
  read: new Map(read),
  untold: new Set<string>(),
  all: through > 0 ? { through, agent } : null,
});

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

  it('counts each app on, whatever the others have', () => {
    const loud = { count: 100, by_app: { '7': 100, '8': 3 }, message_ids: ['m90'] };
    expect(badge(loud, here([]), []).byApp).toEqual({ '7': 100, '8': 3 });
    // m2 is older than what the server names, and the server does not know of it yet.
    const read = here([
      ['m2', '8'],
      ['m1', '8'],
    ]);
    read.untold.add('m2');
    expect(badge(loud, read, [])).toEqual({ count: 100, byApp: { '7': 100, '8': 2 } });
  });

  it('of one app falls while that app is being marked', () => {
    const items = [item(1), item(2), item(3), item(2, { app: { agent_id: '8', name: '', icon: '' } })];
    const loud = { count: 100, by_app: { '7': 100, '8': 3 }, message_ids: ['m3'] };
    expect(badge(loud, here([], 2, '7'), items)).toEqual({ count: 4, byApp: { '7': 1, '8': 3 } });
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
  expect(isUnread(item(3), here([], 3, '7'))).toBe(false);
  expect(isUnread(item(3), here([], 3, '8'))).toBe(true);
});

it('says nothing for none', () => {
  expect([badgeText(0), badgeText(7), badgeText(99), badgeText(250)]).toEqual(['', '7', '99', '99+']);
});
