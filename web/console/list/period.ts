// A span of time as an address has it: today, 7 or 30 (days with today), or two
// days of the calendar, 2026-03-01..2026-03-04.

import { t } from '../../shared/words';
import { dateOnly, dayOf, startOf } from '../../shared/words/time';

export const periods = ['today', '7', '30'] as const;

const day = /^\d{4}-\d\d-\d\d$/;

/** Both days of a period that somebody chose; empty where there is none. */
export function daysOf(period: string | undefined): { first: string; last: string } {
  const [first = '', last = ''] = (period ?? '').split('..');
  return { first: isDay(first) ? first : '', last: isDay(last) ? last : '' };
}

export function chosenPeriod(first: string, last: string): string | undefined {
  return first === '' && last === '' ? undefined : `${first}..${last}`;
}

/** When a period begins and ends; open where it has no first or last day. */
export function periodOf(period: string | undefined, now: Date): { from?: string; to?: string } {
  const preset = periods.find((p) => p === period);
  if (preset !== undefined) {
    const days = preset === 'today' ? 1 : Number(preset);
    const today = dayOf(now);
    return { from: startOf({ ...today, date: today.date - days + 1 }).toISOString() };
  }
  const { first, last } = daysOf(period);
  return {
    ...(first && { from: beginning(first, 0).toISOString() }),
    ...(last && { to: beginning(last, 1).toISOString() }),
  };
}

/** The period in words. */
export function periodText(period: string): string {
  if (periods.some((p) => p === period)) {
    return t(`period.${period}`);
  }
  const { first, last } = daysOf(period);
  if (first && last) {
    return first === last ? dayText(first) : t('period.between', { first: dayText(first), last: dayText(last) });
  }
  if (first || last) {
    return first ? t('period.since', { first: dayText(first) }) : t('period.until', { last: dayText(last) });
  }
  return period;
}

function dayText(text: string): string {
  return dateOnly(beginning(text, 0));
}

function beginning(text: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number);
  return startOf({ year, month: month - 1, date: date + later });
}

function isDay(text: string): boolean {
  return day.test(text) && !Number.isNaN(Date.parse(text));
}
