// What a task says in words and numbers.

import { has, locale, t } from '../../../shared/words';
import { dateOnly } from '../../../shared/words/time';
import { named } from '../../people/named';
import type { List, RecipientPage, Task, TaskList } from './queries';

export type State = 'sent' | 'partly' | 'recalled' | 'test';

/** What counts most of what a task is. */
export function stateOf(task: Task): State {
  if (task.state === 'recalled') {
    return 'recalled';
  }
  if (task.counts.held + task.counts.failed > 0) {
    return 'partly';
  }
  return task.test ? 'test' : 'sent';
}

/** What a task is called: its title, its first words, or what it is, such as a picture; null after a recall. */
export function titleOf(task: Pick<Task, 'title' | 'preview' | 'type'>): string | null {
  return task.title === null ? null : task.title || task.preview || t(`choice.type.${task.type}`);
}

/** Whom the sender named: 全员; 平台研发部 等 3 个部门、12 人. */
export function audience(named: Task['named']): string {
  if (named.everyone) {
    return but(named, t('audience.everyone'));
  }
  const parts: string[] = [];
  const [first] = named.departments;
  if (first) {
    const name = first.name || t('audience.goneDepartment');
    const count = named.department_count;
    parts.push(count > 1 ? t('audience.departments', { name, count, others: count - 1 }) : name);
  }
  return withOthers(named, parts);
}

/** Adds to departments who else was named, and who was taken out. */
function withOthers(named: Task['named'], parts: string[]): string {
  const all = [...parts];
  if (named.userids > 0) {
    all.push(t('audience.people', { count: named.userids, text: number(named.userids) }));
  }
  if (named.unread_of !== null) {
    all.push(t('audience.unread'));
  }
  return but(named, all.length > 0 ? all.join(t('audience.and')) : t('audience.nobody'));
}

function but({ without }: Task['named'], whom: string): string {
  return without > 0 ? t('audience.without', { whom, count: without, text: number(without) }) : whom;
}

/** As audience, with the names of all departments that the server tells. */
export function namedInFull(named: Task['named']): string {
  const { departments: all, department_count: count } = named;
  if (named.everyone || all.length < 2) {
    return audience(named);
  }
  const names = all.map((d) => d.name || t('audience.goneDepartment')).join(t('audience.and'));
  const others = count - all.length;
  return withOthers(named, [others > 0 ? t('audience.departments', { name: names, count, others }) : names]);
}

/** Per cent of those who got it; null where it is not known. 100 are all, and 0 is nobody. */
export function readRate({ read, sent }: Task['counts']): number | null {
  if (read === null || sent === 0) {
    return null;
  }
  if (read === 0 || read >= sent) {
    return read === 0 ? 0 : 100;
  }
  return Math.min(99, Math.max(1, Math.round((100 * read) / sent)));
}

/** The lists of a task's people, and how many are in each. Where receipts are gone, who has read it is unknown. */
export function listsOf({ counts }: Pick<Task, 'counts'>): { list: List; count: number }[] {
  const { read, sent, held, failed, invalid } = counts;
  return [
    ...(read === null
      ? [{ list: 'sent' as const, count: sent }]
      : [
          { list: 'read' as const, count: read },
          { list: 'unread' as const, count: sent - read },
        ]),
    { list: 'held', count: held },
    { list: 'failed', count: failed },
    { list: 'invalid', count: invalid },
  ];
}

/** That nobody knows any more who has read it, and since when where that was noted. */
export function droppedText({ receipts_dropped_at: at }: Pick<Task, 'receipts_dropped_at'>): string {
  return at === null ? t('count.dropped') : t('count.dropped_at', { day: dateOnly(new Date(at)) });
}

/** Who did something: a person, or the app by its key. */
export function doer(by: Task['by']): string {
  return by.person ? named(by.person) : by.app_key;
}

/** Why people were held back, in words; without any, the code alone says it. */
export function reason(code: string): string {
  const id = `reason.${code}`;
  return has(id) ? t(id) : t('reason.other');
}

export function number(n: number): string {
  return new Intl.NumberFormat(locale()).format(n);
}

/** The newest revision of a page; 0 of an empty one. */
export function newest(page: Pick<TaskList, 'items'>): bigint {
  return BigInt(page.items[0]?.revision ?? 0);
}

/**
 * The pages of a list of readers, the newest first, with those on top whom a page that
 * was loaded later has, and who those are. Where it has none of the readers that are
 * known, others may lie between: then it is all that is known.
 */
export function withNewer(
  shown: readonly RecipientPage[],
  newest: RecipientPage,
): { pages: RecipientPage[]; added: string[] } {
  const known = new Set(shown.flatMap((page) => page.items.map((one) => one.userid)));
  const items = newest.items.filter((one) => !known.has(one.userid));
  const added = items.flatMap((one) => one.userid ?? []);
  const [first, ...others] = shown;
  if (!first || (newest.next_after !== null && items.length === newest.items.length)) {
    return { pages: [newest], added };
  }
  const { total, matched, counted_at } = newest;
  return { pages: [{ ...first, items: [...items, ...first.items], total, matched, counted_at }, ...others], added };
}
