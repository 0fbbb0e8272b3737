// The day of what is at the top of the screen: beside the cards where there is
// room, while its own line is out of sight, else in the head of the page.

import { type RefObject, useEffect, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { Item } from '../shared/api/client';
import { dayName, sameDay } from '../shared/words/time';

export function StickyDay(props: {
  scroller: RefObject<HTMLElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  items: readonly Item[];
  /** Told when a message of that day was sent; '' for none. */
  onDay: (at: string) => void;
}) {
  const { scroller, list, items, onDay } = props;
  const [at, setAt] = useState('');
  const [own, setOwn] = useState(true);
  useEffect(() => {
    const view = scroller.current;
    if (!view) {
      return;
    }
    const look = () => {
      const now = items[list.current?.findItemIndex(view.scrollTop) ?? -1]?.sent_at ?? '';
      setAt((was) => (was && now && sameDay(new Date(was), new Date(now)) ? was : now));
      setOwn(now !== '' && hasOwn(view, dayName(new Date(now), new Date())));
    };
    look();
    view.addEventListener('scroll', look, { passive: true });
    const drawn = new MutationObserver(look); // the rows are drawn after this
    drawn.observe(view, { childList: true, subtree: true });
    return () => {
      view.removeEventListener('scroll', look);
      drawn.disconnect();
    };
  }, [scroller, list, items]);
  useEffect(() => onDay(at), [onDay, at]);
  useEffect(() => () => onDay(''), [onDay]);
  // Who cannot see it hears the headings in the stream.
  return own || at === '' ? null : (
    <p className="day-now" aria-hidden="true">
      {dayName(new Date(at), new Date())}
    </p>
  );
}

function hasOwn(view: HTMLElement, day: string): boolean {
  const { top, bottom } = view.getBoundingClientRect();
  return [...view.querySelectorAll('.day')].some((line) => {
    const box = line.getBoundingClientRect();
    return box.top >= top && box.bottom <= bottom && line.textContent === day;
  });
}

/** The day in the head of the page, which the style sheet shows where there is no room beside the cards. */
export function HeadDay({ at }: { at: string }) {
  return at === '' ? null : (
    <span className="head-day" aria-hidden="true">
      {dayName(new Date(at), new Date(), 'short')}
    </span>
  );
}
