// Cards of one app, one soon after the other, share a head.

import type { Item } from '../shared/api/client';
import { sameDay } from '../shared/words/time';

const soon = 5 * 60 * 1000;

/**
 * The ids of messages whose cards leave their head to a card above: of the same
 * app, at most five minutes after the card that has the head, on the same day,
 * and with nothing between but such cards. Line is the message above which the
 * line of what is new stands.
 */
export function joined(items: readonly Item[], line: string | undefined): ReadonlySet<string> {
  const ids = new Set<string>();
  let head: Item | undefined;
  for (const item of items) {
    if (item.recalled_at !== null) {
      head = undefined; // only a line of text is left of it
    } else if (head && item.message_id !== line && follows(item, head)) {
      ids.add(item.message_id);
    } else {
      head = item;
    }
  }
  return ids;
}

function follows(item: Item, head: Item): boolean {
  const [at, from] = [new Date(item.sent_at), new Date(head.sent_at)];
  return item.app.agent_id === head.app.agent_id && at.getTime() - from.getTime() <= soon && sameDay(at, from);
}
