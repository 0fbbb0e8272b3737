// What is unread above the screen, which the reader would otherwise not know of.

import type { Item } from '../shared/api/client';
import { type Badge, countless, type Here, isUnread } from './badge';

/** How many unread messages of an app, or of all with null, the badge counts. */
export function unreadOf(badge: Badge, agent: string | null): number {
  return agent === null ? badge.count : (badge.byApp[agent] ?? 0);
}

/** How many of so many unread messages stand above the item at index top; from 100 on they are many. */
export function unreadAbove(items: readonly Item[], top: number, total: number, here: Here): number {
  if (total >= countless) {
    return items.some((i, n) => n < top && isUnread(i, here)) || unreadHere(items, here) < total ? total : 0;
  }
  return Math.max(0, total - unreadHere(items.slice(top), here));
}

/** How many of the items are unread. */
export function unreadHere(items: readonly Item[], here: Here): number {
  return items.reduce((n, i) => n + Number(isUnread(i, here)), 0);
}
