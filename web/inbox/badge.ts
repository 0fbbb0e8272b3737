// How many messages are unread, as the reader sees it: what the server said,
// less what was read here and the server does not know yet.

import type { Item } from '../shared/api/client';
import type { Unread } from './timeline';

export interface Badge {
  count: number;
  byApp: Readonly<Record<string, number>>;
}

/** The server stops counting here. */
export const countless = 100;

export interface Here {
  /** Read here: message id to agent id. */
  read: ReadonlyMap<string, string>;
  /** Everything up to this revision is to be marked as read; 0 for nothing. */
  allThrough: number;
}

export function badge(unread: Unread, here: Here, items: readonly Item[]): Badge {
  if (here.allThrough > 0) {
    return count(items.filter((i) => isUnread(i, here)));
  }
  if (unread.count >= countless) {
    return { count: unread.count, byApp: unread.by_app };
  }
  const byApp = { ...unread.by_app };
  let left = unread.count;
  for (const id of unread.message_ids) {
    const agent = here.read.get(id);
    if (agent !== undefined) {
      left--;
      byApp[agent] = (byApp[agent] ?? 0) - 1;
    }
  }
  return { count: Math.max(0, left), byApp };
}

/** Whether a message counts as unread for the reader. */
export function isUnread(item: Item, here: Here): boolean {
  return (
    item.read_at === null &&
    item.recalled_at === null &&
    !here.read.has(item.message_id) &&
    Number(item.revision) > here.allThrough
  );
}

function count(items: readonly Item[]): Badge {
  const byApp: Record<string, number> = {};
  for (const i of items) {
    byApp[i.app.agent_id] = (byApp[i.app.agent_id] ?? 0) + 1;
  }
  return { count: items.length, byApp };
}

/** The number as a badge shows it; '' for none. */
export function badgeText(n: number): string {
  return n <= 0 ? '' : n >= countless ? '99+' : String(n);
}
