// How many messages are unread, as the reader sees it: what the server said,
// less what was read here and the server does not know yet.

import type { Item } from '../shared/api/client';
import type { Unread } from './timeline';

export interface Badge {
  count: number;
  byApp: Readonly<Record<string, number>>;
}

/** The server stops counting here, of each app and of all together. */
export const countless = 100;

/** What is to be marked as read: all that was sent up to a revision, by one app or by all. */
export interface All {
  through: number;
  agent: string | null;
}

export interface Here {
  /** Read here: message id to agent id. */
  read: ReadonlyMap<string, string>;
  /** Read here, and perhaps not in the server's count yet. */
  untold: ReadonlySet<string>;
  all: All | null;
}

export function badge(unread: Unread, here: Here, items: readonly Item[]): Badge {
  const { all, read, untold } = here;
  if (all?.agent === null) {
    return sum(countOf(items.filter((i) => isUnread(i, here))));
  }
  const byApp = { ...unread.by_app };
  // Of an app that has more than is counted, nobody knows how many are left.
  const counted = new Set(Object.keys(byApp).filter((agent) => (byApp[agent] ?? 0) < countless));
  for (const id of new Set([...untold, ...unread.message_ids])) {
    const agent = read.get(id);
    if (agent !== undefined && counted.has(agent)) {
      byApp[agent] = Math.max(0, (byApp[agent] ?? 0) - 1);
    }
  }
  if (all) {
    byApp[all.agent] = countOf(items.filter((i) => isUnread(i, here)))[all.agent] ?? 0;
  }
  return sum(byApp);
}

function sum(byApp: Record<string, number>): Badge {
  const count = Object.values(byApp).reduce((a, b) => a + b, 0);
  return { count: Math.min(count, countless), byApp };
}

/** Whether a message counts as unread for the reader. */
export function isUnread(item: Item, here: Here): boolean {
  return (
    item.read_at === null &&
    item.recalled_at === null &&
    !here.read.has(item.message_id) &&
    !(here.all && concerns(here.all, item))
  );
}

/** Whether a message is to be marked as read with the others. */
export function concerns(all: All, item: Item): boolean {
  return Number(item.revision) <= all.through && (all.agent === null || all.agent === item.app.agent_id);
}

function countOf(items: readonly Item[]): Record<string, number> {
  const byApp: Record<string, number> = {};
  for (const i of items) {
    byApp[i.app.agent_id] = (byApp[i.app.agent_id] ?? 0) + 1;
  }
  return byApp;
}

/** The number as a badge shows it; '' for none. */
export function badgeText(n: number): string {
  return n <= 0 ? '' : n >= countless ? '99+' : String(n);
}
