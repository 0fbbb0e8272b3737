// The stream by keyboard: it is reached at once, its keys work without a way to
// it, and a card keeps the focus however far one scrolls.

import { useEffect, useState } from 'react';
import type { Item } from '../shared/api/client';

const scrolls: ReadonlySet<string> = new Set(['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' ']);

/** Gives the messages the focus, past the apps; where there are none, what helps. */
export function toStream(): void {
  document.querySelector<HTMLElement>('.scroller, .notice .button')?.focus({ preventScroll: true });
}

/** The keys that scroll reach the messages while nothing has the focus. */
export function useScrollKeys(): void {
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (document.activeElement === document.body && scrolls.has(e.key) && !e.ctrlKey && !e.metaKey && !e.altKey) {
        toStream();
      }
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, []);
}

/**
 * The indices of items that stay in the document wherever one scrolls: the one
 * that had the focus last. Without it the focus would be lost, and what a card
 * has opened could not give it back.
 */
export function useFocused(scroller: React.RefObject<HTMLElement | null>, items: readonly Item[]): readonly number[] {
  const [id, setID] = useState<string>();
  useEffect(() => {
    const view = scroller.current;
    const focused = (e: FocusEvent) =>
      setID((e.target as Element).closest<HTMLElement>('[data-message]')?.dataset.message);
    view?.addEventListener('focusin', focused);
    return () => view?.removeEventListener('focusin', focused);
  }, [scroller]);
  const at = id === undefined ? -1 : items.findIndex((i) => i.message_id === id);
  return at < 0 ? [] : [at];
}
