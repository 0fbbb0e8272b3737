// The limits of an app: what is in force, and what was decided for it alone.

import { t } from '../../../shared/words';
import { number } from '../notifications/model';
import type { Part } from './editing';
import { type AppLimits, saveLimits } from './queries';

type Kind = 'count' | 'bytes' | 'hours' | 'rule';

/** The limits that can be another app's, in the order in which they are shown. */
export const limits = [
  ['messages_per_day', 'count'],
  ['recipients_per_call', 'count'],
  ['recipients_per_min', 'count'],
  ['everyone_per_day', 'count'],
  ['calls_per_second', 'count'],
  ['userids_per_call', 'count'],
  ['depts_per_call', 'count'],
  ['result_recipients', 'count'],
  ['status_bar_users', 'count'],
  ['message_bytes', 'bytes'],
  ['upload_bytes_per_app', 'bytes'],
  ['recall_window', 'hours'],
  ['status_bar_window', 'hours'],
  ['progress_window', 'hours'],
  ['result_window', 'hours'],
  ['same_content_once', 'rule'],
  ['everyone_needs_grant', 'rule'],
  ['strict_oa', 'rule'],
] as const satisfies readonly (readonly [keyof AppLimits['values'], Kind])[];

export type Limit = (typeof limits)[number];

/** What was decided for the app, as it is written; empty where the organization's value holds. */
export type LimitsForm = Readonly<Record<string, string>>;

/** A value in words: 500; 24 小时; 不限. */
export function limitText([, kind]: Limit, value: unknown): string {
  if (kind === 'rule') {
    return value === true ? t('limit.yes') : t('limit.no');
  }
  const n = kind === 'hours' ? hoursOf(String(value)) : Number(value);
  if (n === 0) {
    return kind === 'hours' ? t('limit.always') : t('limit.none');
  }
  switch (kind) {
    case 'hours':
      return t('limit.hours', { count: n, text: number(n) });
    case 'bytes':
      return bytesText(n);
    default:
      return number(n);
  }
}

function bytesText(n: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (n >= size) {
      return `${number(Math.round((n / size) * 10) / 10)} ${unit}`;
    }
  }
  return `${number(n)} B`;
}

/** 168h0m0s is 168. */
function hoursOf(duration: string): number {
  const sizes: Readonly<Record<string, number>> = { h: 1, m: 1 / 60, s: 1 / 3600 };
  return [...duration.matchAll(/([\d.]+)([hms])/g)].reduce(
    (sum, [, n, unit = '']) => sum + Number(n) * (sizes[unit] ?? 0),
    0,
  );
}

function written([, kind]: Limit, value: unknown): string {
  return value === undefined ? '' : kind === 'hours' ? String(hoursOf(String(value))) : String(value);
}

/** A value as the server takes it; what is no number it refuses, and says which. */
function given([, kind]: Limit, text: string): unknown {
  switch (kind) {
    case 'rule':
      return text === 'true';
    case 'hours':
      return `${text}h`;
    default:
      return /^\d+$/.test(text) ? Number(text) : text;
  }
}

export const limitsPart: Part<LimitsForm, AppLimits> = {
  name: 'limits',
  of: ({ own }) => Object.fromEntries(limits.map((limit) => [limit[0], written(limit, own[limit[0]])])),
  text: (form) => JSON.stringify(limits.map(([name]) => form[name]?.trim() ?? '')),
  save: (at, stored, form) => {
    const own = Object.fromEntries(
      limits.flatMap((limit) => {
        const text = form[limit[0]]?.trim() ?? '';
        return text === '' ? [] : [[limit[0], given(limit, text)]];
      }),
    );
    // What this page does not show stays as it is.
    const shown = new Set<string>(limits.map(([name]) => name));
    const others = Object.fromEntries(Object.entries(stored.own).filter(([name]) => !shown.has(name)));
    return saveLimits(at, { agent_edition: stored.agent_edition, own: { ...others, ...own } });
  },
  saved: () => t('app.saved'),
};
