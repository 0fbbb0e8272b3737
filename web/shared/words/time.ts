// Times as people say them, in their own time zone.

import { locale, t } from './index';

const day = 24 * 60 * 60 * 1000;

// Making a formatter costs more than a whole card: each is made once a language.
const formatters = new Map<string, Intl.DateTimeFormat>();

function format(at: Date, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale()} ${name}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale(), options);
    formatters.set(key, formatter);
  }
  return formatter.format(at);
}

const minutes = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const wholeDay = { month: 'long', day: 'numeric', weekday: 'long' } as const;
const shortDay = { month: 'short', day: 'numeric', weekday: 'short' } as const;

/** Hours and minutes: 09:05. */
export function clock(at: Date): string {
  return format(at, 'clock', minutes);
}

/** Date, hours and minutes. */
export function date(at: Date): string {
  return format(at, 'date', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
}

/** Date and time in full. */
export function moment(at: Date): string {
  return format(at, 'moment', { ...wholeDay, ...minutes, year: 'numeric', second: '2-digit' });
}

/** The day as a separator says it: today, yesterday, else the date; short where there is little room. */
export function dayName(at: Date, now: Date, length: 'long' | 'short' = 'long'): string {
  const ago = Math.round((midnight(now) - midnight(at)) / day);
  if (ago === 0) {
    return t('day.today');
  }
  if (ago === 1) {
    return t('day.yesterday');
  }
  const parts = length === 'long' ? wholeDay : shortDay;
  return at.getFullYear() === now.getFullYear()
    ? format(at, `${length} day`, parts)
    : format(at, `${length} day of another year`, { ...parts, year: 'numeric' });
}

/** Whether two moments are on one day. */
export function sameDay(a: Date, b: Date): boolean {
  return midnight(a) === midnight(b);
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
