// What failed is tried again by itself: when the network is back, when the
// reader looks again, and now and then.

import { useEffect, useRef, useSyncExternalStore } from 'react';

const firstWait = 2000;
const longestWait = 30_000;

/** Calls again as long as something has failed. */
export function useHealing(failed: boolean, again: () => unknown): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (!failed) {
      return;
    }
    let wait = firstWait;
    let timer: ReturnType<typeof setTimeout>;
    const later = () => {
      timer = setTimeout(() => {
        wait = Math.min(2 * wait, longestWait);
        later();
        latest.current();
      }, wait);
    };
    later();
    const now = () => document.visibilityState === 'visible' && latest.current();
    addEventListener('online', now);
    document.addEventListener('visibilitychange', now);
    return () => {
      clearTimeout(timer);
      removeEventListener('online', now);
      document.removeEventListener('visibilitychange', now);
    };
  }, [failed]);
}

/** Whether the browser has a network, as far as it knows. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

function subscribe(tell: () => void): () => void {
  addEventListener('online', tell);
  addEventListener('offline', tell);
  return () => {
    removeEventListener('online', tell);
    removeEventListener('offline', tell);
  };
}
