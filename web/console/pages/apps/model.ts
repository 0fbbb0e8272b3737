// What an app says in words.

import { t } from '../../../shared/words';
import type { Picks } from '../../people/picks';
import type { InstalledApp } from '../../shell/apps';
import { number } from '../notifications/model';
import type { App, Installation } from './queries';

/** Whom an app reaches, in one line: 全员（1,204 人）; 2 个部门、3 人，共 340 人. */
export function reachText(reach: InstalledApp['reach']): string {
  if (reach === null) {
    return t('apps.notHere');
  }
  const text = number(reach.people);
  if (reach.everyone) {
    return t('apps.reach.everyone', { count: reach.people, text });
  }
  const parts = namedText(reach);
  return reach.departments + reach.userids === 0 ? parts : t('apps.reach.some', { parts, count: reach.people, text });
}

/** Whom a range names, in numbers: 全员; 2 个部门、3 人. */
export function namedText(named: { everyone: boolean; departments: number; userids: number }): string {
  if (named.everyone) {
    return t('audience.everyone');
  }
  const parts = [
    ...(named.departments > 0 ? [t('apps.reach.departments', { count: named.departments })] : []),
    ...(named.userids > 0 ? [t('audience.people', { count: named.userids, text: number(named.userids) })] : []),
  ];
  return parts.join(t('audience.and')) || t('audience.nobody');
}

/** Those whom an installation names: of departments the last part of the path, of people who are gone the userid. */
export function rangePicks({ range }: Installation): Picks {
  const names = new Map(range.named.map((p) => [p.userid, p.name]));
  return {
    departments: range.departments.map(department),
    people: range.userids.map((userid) => ({ userid, name: names.get(userid) ?? '' })),
  };
}

export function composerPicks({ composers }: Installation): Picks {
  return { departments: composers.departments.map(department), people: composers.people };
}

function department({ dept_id, path }: { dept_id: string; path: string }) {
  return { dept_id, name: path.split('/').at(-1) || dept_id, people: null };
}

const told = 20;

const inOrder = [
  'work_notification.send',
  'work_notification.result',
  'media.upload',
  'contacts.read',
  'contacts.write',
];

/** Scopes, what sends first; those that are new to this page last. */
export function scopesInOrder(scopes: readonly string[]): string[] {
  const place = (scope: string) => (inOrder.indexOf(scope) + inOrder.length + 1) % (inOrder.length + 1);
  return scopes.toSorted((a, b) => place(a) - place(b));
}

/** Picks in one text; of many the first. */
export function picksText({ departments, people }: Picks): string {
  const names = [...departments.map((d) => d.name), ...people.map((p) => p.name || p.userid)];
  const text = names.slice(0, told).join(t('audience.and'));
  const others = names.length - told;
  return others > 0 ? t('app.andOthers', { text, count: others }) : text || t('audience.nobody');
}

/** Which of an app's tabs there are for it. */
export function tabsOf(app: App, corpID: string): Tab[] {
  return tabs.filter((tab) => {
    switch (tab) {
      case 'secrets':
        return app.may.write;
      case 'range':
      case 'limits':
        return app.installation !== null;
      case 'installed':
        return app.kind === 'third_party' && app.provider.corp_id === corpID;
      case 'try':
        // With a third-party app its provider's servers ask for the organization's token.
        return app.installation !== null && app.kind === 'internal';
      default:
        return true;
    }
  });
}

export const tabs = ['overview', 'secrets', 'range', 'limits', 'hosts', 'installed', 'try'] as const;
export type Tab = (typeof tabs)[number];
