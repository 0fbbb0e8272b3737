// What a reader sees of an inbox: a stretch of messages without gaps, oldest
// first, that grows at both ends. Pure data: every change returns a new value.

import type { Item } from '../shared/api/client';

export interface Timeline {
  items: readonly Item[];
  /** Goes into the next request for older messages; null at the very first one. */
  older: string | null;
  /** Whether the newest message is here. Not when the newest were let go of. */
  whole: boolean;
  /** Nothing up to this revision is missing, as long as whole. */
  revision: number;
}

/** A page as the server answers it: newest first. */
export interface Page {
  items: readonly Item[];
  next_before: string | null;
  revision: string;
}

export interface Unread {
  count: number;
  by_app: Record<string, number>;
  message_ids: readonly string[];
}

export type Tombstone = Pick<Item, 'message_id' | 'task_id' | 'revision' | 'recalled_at'>;

/** The most messages that are kept. Beyond it the far end is let go of. */
export const most = 2000;
/** A list of unread ids that is full need not name older ones. */
const unreadListed = 100;

export const nothing: Timeline = { items: [], older: null, whole: true, revision: 0 };

export function fromPage(page: Page): Timeline {
  return { items: [...page.items].reverse(), older: page.next_before, whole: true, revision: Number(page.revision) };
}

/** Adds a page of older messages. */
export function withOlder(t: Timeline, page: Page): Timeline {
  const first = t.items[0];
  const below = first ? Number(first.revision) : Number.POSITIVE_INFINITY;
  const items = [...page.items].reverse().filter((i) => Number(i.revision) < below);
  return { ...t, items: [...items, ...t.items], older: page.next_before };
}

/** Adds a message that was just sent. Without the newest messages it is not shown yet. */
export function withMessage(t: Timeline, item: Item): Timeline {
  const revision = Number(item.revision);
  const moved = { ...t, revision: Math.max(t.revision, revision) };
  if (!t.whole || t.items.some((i) => i.message_id === item.message_id)) {
    return replaced(moved, item);
  }
  const at = t.items.findLastIndex((i) => Number(i.revision) < revision) + 1;
  return { ...moved, items: t.items.toSpliced(at, 0, item) };
}

/** Shows a message as it is now. */
export function replaced(t: Timeline, item: Item): Timeline {
  return changed(t, item.message_id, (old) => ({ ...item, read_at: item.read_at ?? old.read_at }));
}

/** Turns a message into a line that says it was recalled. */
export function withoutContent(t: Timeline, gone: Tombstone): Timeline {
  return changed(t, gone.message_id, (old) => ({
    ...old,
    recalled_at: gone.recalled_at,
    title: '',
    preview: '',
    html: '',
    body: {},
    status_bar: null,
  }));
}

/** Marks messages as read at a time; the first time stays. */
export function read(t: Timeline, ids: ReadonlySet<string>, at: string): Timeline {
  return mapped(t, (i) => (i.read_at === null && ids.has(i.message_id) ? { ...i, read_at: at } : i));
}

/**
 * Takes over what was read elsewhere: what an earlier list of unread messages
 * named and this one does not. A message that no list has named yet may be
 * newer than the list. A full list names only the newest.
 */
export function readElsewhere(t: Timeline, before: ReadonlySet<string>, unread: Unread, at: string): Timeline {
  const named = new Set(unread.message_ids);
  const full = unread.message_ids.length >= unreadListed;
  const from = full ? t.items.findIndex((i) => named.has(i.message_id)) : 0;
  if (from < 0) {
    return t;
  }
  return mapped(t, (i, n) =>
    n >= from && i.read_at === null && before.has(i.message_id) && !named.has(i.message_id) ? { ...i, read_at: at } : i,
  );
}

/** Lets go of the oldest, when the reader is at the newest. */
export function letGoOfOldest(t: Timeline): Timeline {
  const first = t.items[t.items.length - most];
  if (!first || t.items.length <= most) {
    return t;
  }
  return { ...t, items: t.items.slice(-most), older: first.revision };
}

/** Lets go of the newest, when the reader goes further and further back. */
export function letGoOfNewest(t: Timeline): Timeline {
  return t.items.length <= most ? t : { ...t, items: t.items.slice(0, most), whole: false };
}

function changed(t: Timeline, id: string, change: (old: Item) => Item): Timeline {
  return mapped(t, (i) => (i.message_id === id ? change(i) : i));
}

// Returns the same value when nothing changed, so that nothing is drawn again.
function mapped(t: Timeline, change: (item: Item, n: number) => Item): Timeline {
  let same = true;
  const items = t.items.map((item, n) => {
    const next = change(item, n);
    same &&= next === item;
    return next;
  });
  return same ? t : { ...t, items };
}
