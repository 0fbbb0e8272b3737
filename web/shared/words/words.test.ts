// @vitest-environment jsdom

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entries } from '../../entries';
import { badgeText } from '../../inbox/badge';
import { type Language, speak, t, type Words } from './index';
import { clock, date, dayName, dayOf, inZone, moment, sameDay, startOf } from './time';

/** The code of all views of a directory. */
function code(dir: string): string {
  return readdirSync(dir, { withFileTypes: true })
    .map((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) {
        return code(path);
      }
      return /\.tsx?$/.test(entry.name) && !/\.(test|gen)\./.test(entry.name) ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

function words(dir: string, language: Language): string[] {
  const text = readFileSync(`${dir}/words/${language}.po`, 'utf8');
  return [...text.matchAll(/^msgid "(.+)"$/gm)].map((m) => m[1] as string).sort();
}

describe.each(['shared', ...entries.map((e) => e.name)])('the words of %s', (dir) => {
  it('are there in both languages', () => {
    expect(words(dir, 'zh')).toEqual(words(dir, 'en'));
  });

  it('are all that its code asks for, and nothing else', () => {
    const [text, ids] = [code(dir), words(dir, 'en')];
    const known = new Set([...ids, ...words('shared', 'en')]);
    const asked = [...text.matchAll(/\bt\(\s*(?:[^'`()]*\? )?'([^']+)'(?: : '([^']+)')?/g)].flatMap((m) => [
      m[1],
      m[2],
    ]);
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((id) => id !== undefined && !known.has(id))).toEqual([]);
    // Some are put together: t(`out.${why}.title`).
    const made = [...text.matchAll(/`([a-zA-Z]+\.(?:[a-zA-Z]+\.)*)\$\{/g)].map((m) => m[1] as string);
    expect(ids.filter((id) => !text.includes(`'${id}'`) && !made.some((start) => id.startsWith(start)))).toEqual([]);
  });
});

describe('the words', () => {
  it('take their values', async () => {
    const own: Words = (language) => import(`../../inbox/words/${language}.po`);
    await speak('en', own);
    expect(t('stream.missed', { count: 1, text: badgeText(1) })).toBe('1 new message');
    expect(t('stream.missed', { count: 120, text: badgeText(120) })).toBe('99+ new messages');
    await speak('zh');
    expect(t('stream.missed', { count: 3, text: '3' })).toBe('3 条新消息');
    expect(t('card.more', { count: '6' })).toBe('展开其余 6 项');
  });
});

describe('times', () => {
  beforeEach(() => speak('zh'));
  const now = new Date(2026, 2, 4, 9, 5);

  it('are hours and minutes', () => {
    expect(clock(now)).toBe('09:05');
  });

  it('have 24 hours, with a date too', async () => {
    const late = new Date(2026, 2, 4, 21, 5);
    expect(date(late)).toBe('2026年3月4日 21:05');
    await speak('en');
    expect(date(late)).toBe('Mar 4, 2026, 21:05');
  });

  it('name the day in short where there is little room', async () => {
    expect(dayName(new Date(2026, 1, 28), now, 'short')).toBe('2月28日周六');
    expect(dayName(new Date(2026, 2, 4), now, 'short')).toBe('今天');
    await speak('en');
    expect(dayName(new Date(2025, 8, 24), now, 'short')).toBe('Wed, Sep 24, 2025');
  });

  it('name the day from today', async () => {
    expect(dayName(new Date(2026, 2, 4, 0, 1), now)).toBe('今天');
    expect(dayName(new Date(2026, 2, 3, 23, 59), now)).toBe('昨天');
    expect(dayName(new Date(2026, 1, 28), now)).toBe('2月28日星期六');
    expect(dayName(new Date(2025, 11, 31), now)).toBe('2025年12月31日星期三');
    await speak('en');
    expect(dayName(new Date(2026, 1, 28), now)).toBe('Saturday, February 28');
  });

  it('know one day from another', () => {
    expect(sameDay(new Date(2026, 2, 4, 0, 0), new Date(2026, 2, 4, 23, 59))).toBe(true);
    expect(sameDay(new Date(2026, 2, 4, 23, 59), new Date(2026, 2, 5, 0, 0))).toBe(false);
  });

  describe('in a zone that a page has chosen', () => {
    const reader = Intl.DateTimeFormat().resolvedOptions().timeZone;
    afterEach(() => inZone(reader));

    it('are those of its clocks, and say so in full', () => {
      inZone('America/New_York');
      const at = new Date('2026-03-05T03:05:00Z');
      expect([clock(at), date(at), dayName(at, at)]).toEqual(['22:05', '2026年3月4日 22:05', '今天']);
      expect(moment(at)).toContain('GMT-5');
      expect(sameDay(at, new Date('2026-03-05T05:00:00Z'))).toBe(false);
      inZone('Nowhere/At_All');
      expect(moment(at)).not.toContain('GMT');
    });

    it.each([
      ['Asia/Shanghai', '2026-03-04T16:00:00.000Z'],
      ['America/New_York', '2026-03-05T05:00:00.000Z'],
      ['Asia/Kathmandu', '2026-03-04T18:15:00.000Z'],
      ['Pacific/Kiritimati', '2026-03-04T10:00:00.000Z'],
    ])('in %s begin their days at midnight', (name, begins) => {
      inZone(name);
      const start = startOf({ year: 2026, month: 2, date: 5 });
      expect([start.toISOString(), dayOf(start)]).toEqual([begins, { year: 2026, month: 2, date: 5 }]);
      expect(dayOf(new Date(start.getTime() - 1))).toEqual({ year: 2026, month: 2, date: 4 });
    });

    it.each([
      ['Asia/Beirut', 2026, 2, 29], // clocks are put forward at midnight
      ['America/Havana', 2026, 10, 1], // clocks are put back at one
      ['Europe/Berlin', 2026, 2, 30], // the day after clocks are put forward
    ])('in %s begin their days where clocks are changed', (name, year, month, one) => {
      inZone(name);
      const start = startOf({ year, month, date: one });
      expect(dayOf(start)).toEqual({ year, month, date: one });
      expect(dayOf(new Date(start.getTime() - 1)).date).toBe(one === 1 ? 31 : one - 1);
    });
  });
});
