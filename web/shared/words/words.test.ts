import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { entries } from '../../entries';
import { badgeText } from '../../inbox/badge';
import { type Language, speak, t, type Words } from './index';
import { clock, date, dayName, sameDay } from './time';

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
});
