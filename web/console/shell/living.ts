// The one stream of a page of the console, and who of its views needs it.

import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo } from 'react';
import { type Follow, follower } from '../../shared/live/follow';
import { Live } from './live';
import { useSession } from './session';

let follow: Follow | undefined; // one worker, however often the frame is drawn anew

const Shown = createContext<Live | null>(null);
export const LiveProvider = Shown.Provider;

/** Follows the organization for as long as the frame is there, if there is a page to show it on. */
export function useStarted(): Live {
  const { current, me } = useSession();
  const queries = useQueryClient();
  const live = useMemo(() => {
    follow ??= follower();
    return new Live(queries, current.corp_id, follow);
  }, [queries, current.corp_id]);
  const opens = me.pages.length > 0;
  useEffect(() => (opens ? live.start() : undefined), [live, opens]);
  return live;
}

export function useLive(): Live {
  const live = useContext(Shown);
  if (live === null) {
    throw new Error('no stream');
  }
  return live;
}

/** Has the counts of tasks told while they are shown. */
export function useWatch(tasks: readonly string[]): void {
  const live = useLive();
  const ids = tasks.join();
  useEffect(() => (ids ? live.watch(ids.split(',')) : undefined), [live, ids]);
}
