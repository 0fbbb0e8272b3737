// Where the reader of the stream stands: at the bottom, which they are kept at
// while cards come and grow, or further up, where nothing moves under them.
// They begin at the first message they have not seen.

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { Item } from '../shared/api/client';
import type { Inbox } from './model';
import type { State } from './state';

const near = 48; // pixels from the bottom that count as at the bottom
const kept = 48; // pixels of what was seen before that stay above the line
const early = 1200; // pixels from the top at which older messages are fetched
const calm = 200; // milliseconds without a scroll after which one that was animated is over

// Keeps the reader where they are: at the bottom when they are there, at the
// same message when older ones come in above.
export function useBottom(
  scroller: React.RefObject<HTMLElement | null>,
  list: React.RefObject<VirtualizerHandle | null>,
  { inbox, state, line }: { inbox: Inbox; state: State; line: string | undefined },
) {
  const { items } = state.timeline;
  const [atBottom, setAtBottom] = useState(true);
  const [top, setTop] = useState(0); // index of the first message on the screen
  const [target, setTarget] = useState<string>();
  const stick = useRef(true);
  const last = useRef({ top: 0, height: 0 });
  const [led, toNewest] = useLed(scroller);
  const drawn = useRef<readonly Item[]>([]);
  const shift = changedAtStart(drawn.current, items);

  // Once, as far as is known now; when cards turn out taller, `grown` calls it
  // again. What goes on until it has arrived would fight a reader who scrolls.
  const bottom = useCallback(() => {
    const view = scroller.current;
    if (view) {
      view.scrollTop = view.scrollHeight;
    }
  }, [scroller]);

  const to = useCallback(
    (id: string) => {
      const index = inbox.snapshot().timeline.items.findIndex((i) => i.message_id === id);
      if (index >= 0) {
        stick.current = false;
        list.current?.scrollToIndex(index, { align: 'start', offset: -kept });
      }
    },
    [inbox, list],
  );
  // At the line, unless the reader has gone elsewhere since it was drawn.
  useLayoutEffect(() => {
    if (line !== undefined && stick.current) {
      to(line);
    }
  }, [line, to]);
  useLayoutEffect(() => {
    if (target !== undefined) {
      to(target);
      setTarget(undefined);
    }
  }, [target, to]);

  useLayoutEffect(() => {
    drawn.current = items;
    if (stick.current) {
      bottom();
    } else if (scroller.current && scroller.current.scrollTop < early) {
      void inbox.loadOlder(); // still near the top, and perhaps nothing will scroll
    }
  }, [items, bottom, inbox, scroller]);

  // Cards grow when pictures load, and the screen shrinks; then the newest stays
  // in sight. Whoever unfolds a card goes on reading where they are.
  useEffect(() => {
    const view = scroller.current;
    const inner = view?.lastElementChild;
    if (!view || !inner) {
      return;
    }
    const grown = new ResizeObserver(() => {
      if (stick.current) {
        bottom();
      } else {
        stick.current = isNear(view);
        setAtBottom(stick.current);
        inbox.at(stick.current && inbox.snapshot().timeline.whole);
      }
    });
    const unfolds = (e: Event) => {
      if (e.target instanceof Element && e.target.closest('.fold-toggle, summary')) {
        stick.current = false;
      }
    };
    grown.observe(inner);
    grown.observe(view); // the row below it comes and goes, a phone is turned
    view.addEventListener('click', unfolds, true);
    return () => {
      grown.disconnect();
      view.removeEventListener('click', unfolds, true);
    };
  }, [scroller, bottom, inbox]);

  const onScroll = useCallback(() => {
    const view = scroller.current;
    if (!view) {
      return;
    }
    const at = isNear(view);
    // Away from the bottom: has a reader gone up, or have cards turned out to
    // be taller? Only when the height stayed, the position alone can tell.
    const up = view.scrollTop < last.current.top;
    const still = view.scrollHeight === last.current.height;
    last.current = { top: view.scrollTop, height: view.scrollHeight };
    const wentUp = up && (led.current === 'reader' || (led.current === 'nobody' && still));
    stick.current = at || (stick.current && !wentUp);
    if (led.current === 'reader' && at && !up) {
      led.current = 'nobody';
    }
    if (stick.current && (!at || led.current === 'newest')) {
      bottom();
    }
    setAtBottom(stick.current);
    setTop(list.current?.findItemIndex(view.scrollTop) ?? 0);
    inbox.at(stick.current && inbox.snapshot().timeline.whole);
    if (view.scrollTop < early && inbox.snapshot().older === 'idle') {
      void inbox.loadOlder();
    }
  }, [inbox, scroller, list, bottom, led]);

  // The buttons that lead away are gone then: the messages have the focus.
  const toBottom = useCallback(() => {
    stick.current = true;
    toNewest();
    void inbox.newest().then(bottom);
    scroller.current?.focus({ preventScroll: true });
  }, [inbox, scroller, bottom, toNewest]);
  const toUnread = useCallback(() => {
    stick.current = false;
    void inbox.firstUnread().then(setTarget);
    scroller.current?.focus({ preventScroll: true });
  }, [inbox, scroller]);

  useEnd(scroller, toBottom);
  return { atBottom, top, toBottom, toUnread, onScroll, shift };
}

// The browser's own End stops where the newest was guessed to be, or where the
// newest that is loaded is.
function useEnd(scroller: React.RefObject<HTMLElement | null>, toBottom: () => void): void {
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.key === 'End' && !e.shiftKey && !e.ctrlKey && !e.metaKey && !e.altKey) {
        e.preventDefault();
        toBottom();
      }
    };
    const view = scroller.current;
    view?.addEventListener('keydown', key);
    return () => view?.removeEventListener('keydown', key);
  }, [scroller, toBottom]);
}

function isNear(view: HTMLElement): boolean {
  return view.scrollHeight - view.scrollTop - view.clientHeight < near;
}

const hands = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;

/** What makes the messages scroll: the reader's hand, the way to the newest that they asked for, or nobody. */
type Led = 'reader' | 'newest' | 'nobody';

// A scroll may be animated: its first steps up are still near the bottom, and its
// last ones may come after the reader has asked for the newest.
function useLed(scroller: React.RefObject<HTMLElement | null>): [led: React.RefObject<Led>, toNewest: () => void] {
  const led = useRef<Led>('nobody');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const toNewest = useCallback(() => {
    led.current = 'newest';
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      led.current = 'nobody';
    }, calm);
  }, []);
  useEffect(() => {
    const view = scroller.current;
    const moved = () => {
      clearTimeout(timer.current);
      led.current = 'reader';
    };
    const goesOn = () => led.current === 'newest' && toNewest();
    for (const hand of hands) {
      view?.addEventListener(hand, moved, { passive: true });
    }
    view?.addEventListener('scroll', goesOn, { passive: true });
    return () => {
      clearTimeout(timer.current);
      for (const hand of hands) {
        view?.removeEventListener(hand, moved);
      }
      view?.removeEventListener('scroll', goesOn);
    };
  }, [scroller, toNewest]);
  return [led, toNewest];
}

// Whether the first message is another one because older ones came or went.
function changedAtStart(before: readonly Item[], now: readonly Item[]): boolean {
  const [old, young] = [before[0]?.message_id, now[0]?.message_id];
  if (old === undefined || young === undefined || old === young) {
    return false;
  }
  return now.some((i) => i.message_id === old) || before.some((i) => i.message_id === young);
}
