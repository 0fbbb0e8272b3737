// The day of what is at the top of the screen, once its own line is scrolled
// away.

import { type RefObject, useEffect, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { Item } from '../shared/api/client';
import { dayName } from '../shared/words/time';

const reach = 40; // pixels from the top in which a day's own line is enough

export function StickyDay(props: {
  scroller: RefObject<HTMLElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  items: readonly Item[];
}) {
  const { scroller, list, items } = props;
  const [at, setAt] = useState<string>(); // when the message at the top was sent
  useEffect(() => {
    const view = scroller.current;
    if (!view) {
      return;
    }
    const look = () => {
      const top = view.getBoundingClientRect().top;
      const own = [...view.querySelectorAll('.day, .edge')].some((line) => {
        const { bottom } = line.getBoundingClientRect();
        return bottom > top && bottom <= top + reach;
      });
      setAt(own ? undefined : items[list.current?.findItemIndex(view.scrollTop) ?? -1]?.sent_at);
    };
    look();
    view.addEventListener('scroll', look, { passive: true });
    return () => view.removeEventListener('scroll', look);
  }, [scroller, list, items]);
  // Who cannot see it hears the headings in the stream.
  return at === undefined ? null : (
    <p className="day-now" aria-hidden="true">
      {dayName(new Date(at), new Date())}
    </p>
  );
}
