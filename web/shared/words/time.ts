// Times as people say them: in their own time zone, or in one that a page chooses.

import { locale, t } from './index';

const day = 24 * 60 * 60 * 1000;

// Making a formatter costs more than a whole card: each is made once a language.
const formatters = new Map<string, Intl.DateTimeFormat>();

let zone: string | undefined;

/** From now on times are told in this zone, such as Asia/Shanghai; in the reader's own if the browser does not know it. */
export function inZone(name: string): void {
  formatters.clear();
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    zone = name;
  } catch {
    zone = undefined;
  }
}

function formatter(name: string, options: Intl.DateTimeFormatOptions, language: string): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(language, zone ? { ...options, timeZone: zone } : options);
    formatters.set(key, made);
  }
  return made;
}

function format(at: Date, name: string, options: Intl.DateTimeFormatOptions): string {
  return formatter(name, options, locale()).format(at);
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

/** Date, hours and minutes, of a year that goes without saying. */
export function dateOfYear(at: Date): string {
  return format(at, 'date of year', { month: 'short', day: 'numeric', ...minutes });
}

/** The date alone. */
export function dateOnly(at: Date): string {
  return format(at, 'date only', { dateStyle: 'medium' });
}

/** Date and time in full, with the zone if it was chosen. */
export function moment(at: Date): string {
  const named = zone ? ({ timeZoneName: 'short' } as const) : {};
  return format(at, 'moment', { ...wholeDay, ...minutes, year: 'numeric', second: '2-digit', ...named });
}

/** A day of the calendar; its month counts from 0, and either may lie beyond its end, as for Date. */
export interface Day {
  year: number;
  month: number;
  date: number;
}

/** On which day a moment is. */
export function dayOf(at: Date): Day {
  if (!zone) {
    return { year: at.getFullYear(), month: at.getMonth(), date: at.getDate() };
  }
  const { year, month, date: one } = wall(at);
  return { year, month, date: one };
}

/** The moment at which a day begins. */
export function startOf({ year, month, date: one }: Day): Date {
  if (!zone) {
    return new Date(year, month, one);
  }
  const clocks = Date.UTC(year, month, one);
  // How far the clocks are from UTC is asked about a moment nearby first, then about the one it gives.
  const near = clocks - ahead(new Date(clocks));
  return new Date(clocks - ahead(new Date(near)));
}

/** By how many ms the clocks are ahead of UTC at a moment. */
function ahead(at: Date): number {
  const { year, month, date: one, hour, minute, second } = wall(at);
  return Date.UTC(year, month, one, hour, minute, second) - Math.floor(at.getTime() / 1000) * 1000;
}

const numbers = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** What calendar and clock show at a moment. */
function wall(at: Date): Day & { hour: number; minute: number; second: number } {
  const options = { ...numbers, hourCycle: 'h23', calendar: 'gregory' } as const;
  const shown = Object.fromEntries(
    formatter('wall', options, 'en')
      .formatToParts(at)
      .map((p) => [p.type, Number(p.value)]),
  );
  const { year = 0, month = 1, day: one = 1, hour = 0, minute = 0, second = 0 } = shown;
  return { year, month: month - 1, date: one, hour, minute, second };
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
  return dayOf(at).year === dayOf(now).year
    ? format(at, `${length} day`, parts)
    : format(at, `${length} day of another year`, { ...parts, year: 'numeric' });
}

/** Whether two moments are on one day. */
export function sameDay(a: Date, b: Date): boolean {
  return midnight(a) === midnight(b);
}

/** The day of a moment as UTC has it, so that days can be counted. */
function midnight(at: Date): number {
  const { year, month, date: one } = dayOf(at);
  return Date.UTC(year, month, one);
}
