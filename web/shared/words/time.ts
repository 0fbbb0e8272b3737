// Times as people say them, in their own time zone.

import { locale, t } from './index';

const day = 24 * 60 * 60 * 1000;

/** Hours and minutes: 09:05. */
export function clock(at: Date): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** Date, hours and minutes. */
export function date(at: Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** Date and time in full. */
export function moment(at: Date): string {
  return new Intl.DateTimeFormat(locale(), {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

/** The day as a separator says it: today, yesterday, else the date. */
export function dayName(at: Date, now: Date): string {
  const ago = Math.round((midnight(now) - midnight(at)) / day);
  if (ago === 0) {
    return t('day.today');
  }
  if (ago === 1) {
    return t('day.yesterday');
  }
  const year = at.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return new Intl.DateTimeFormat(locale(), { year, month: 'long', day: 'numeric', weekday: 'long' }).format(at);
}

/** Whether two moments are on one day. */
export function sameDay(a: Date, b: Date): boolean {
  return midnight(a) === midnight(b);
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
