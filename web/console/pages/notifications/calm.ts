// Keeps a list that is loaded again and again calm: its numbers change in place,
// new rows wait until they are asked for.

import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { newest } from './model';
import type { TaskList } from './queries';

interface Calm {
  shown: UseQueryResult<TaskList>;
  /** How many new ones wait. */
  waiting: number;
  show: () => void;
}

/** place names what is looked at: where it changes, everything is shown. */
export function useCalm(query: UseQueryResult<TaskList>, place: string): Calm {
  const [pin, setPin] = useState({ place: '', top: 0n });
  const page = query.isPlaceholderData ? undefined : query.data;
  if (page && (pin.place !== place || pin.top === 0n)) {
    const next = { place, top: newest(page) };
    if (next.place !== pin.place || next.top !== pin.top) {
      setPin(next);
    }
  }
  if (!page || pin.place !== place || pin.top === 0n) {
    return { shown: query, waiting: 0, show: () => undefined };
  }
  const [known, waiting] = split(page, pin.top);
  return {
    shown: { ...query, data: { ...page, items: known } } as UseQueryResult<TaskList>,
    waiting,
    show: () => setPin({ place, top: newest(page) }),
  };
}

/** The tasks up to a revision, and how many are newer. */
export function split(page: TaskList, top: bigint): [TaskList['items'], number] {
  const known = page.items.filter((task) => BigInt(task.revision) <= top);
  return [known, page.items.length - known.length];
}
