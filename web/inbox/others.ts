// What is unread in the other organizations that the reader is signed in to.

import { useEffect, useState } from 'react';
import type { Membership } from '../shared/account/membership';
import { serverOf } from './server';

const every = 60_000; // milliseconds; a stream of each would take connections that pages need

/** How many messages are unread, by corp id, in all organizations but the current one. */
export function useOthers(memberships: readonly Membership[], current: string): Readonly<Record<string, number>> {
  const [unread, setUnread] = useState<Record<string, number>>({});
  useEffect(() => {
    const others = memberships.map((m) => m.corp_id).filter((id) => id !== current);
    if (others.length === 0) {
      return;
    }
    let here = true;
    const look = () => {
      if (document.visibilityState === 'hidden') {
        return;
      }
      for (const id of others) {
        serverOf(id)
          .unread()
          .then(
            ({ count }) => here && setUnread((all) => ({ ...all, [id]: count })),
            () => undefined, // it is asked again, or its session has ended
          );
      }
    };
    look();
    const timer = setInterval(look, every);
    document.addEventListener('visibilitychange', look);
    return () => {
      here = false;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [memberships, current]);
  return unread;
}
