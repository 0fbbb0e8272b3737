// The stream: messages in time order, the newest at the bottom, of which only
// those near the screen are in the document.

import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Item } from '../shared/api/client';
import { Card } from '../shared/card/card';
import { type Click, clicked } from '../shared/card/clicks';
import { t } from '../shared/words';
import { dayName, sameDay } from '../shared/words/time';
import { unreadAbove, unreadOf } from './above';
import { isUnread } from './badge';
import { useBottom } from './bottom';
import { StickyDay } from './day';
import { Above, Below, Top } from './edges';
import { joined } from './groups';
import { useFocused, useScrollKeys } from './keys';
import type { Inbox } from './model';
import { Reading, ReadingContext, useReading } from './reading';
import type { State } from './state';

const topHeight = 44; // of what stands above the oldest message

interface Props {
  inbox: Inbox;
  state: State;
  onClick: (click: Click, item: Item) => void;
  /** Told of which day the messages at the top are. */
  onDay: (at: string) => void;
}

export function Stream(props: Props) {
  const { inbox, state, onClick } = props;
  const { items } = state.timeline;
  const scroller = useRef<HTMLElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const reading = useReadingOf(scroller);
  const line = useMemo(() => firstNew(items, state.seenBefore), [items, state.seenBefore]);
  const { atBottom, top, toBottom, toUnread, onScroll, shift } = useBottom(scroller, list, { inbox, state, line });
  const focused = useFocused(scroller, items);
  useScrollKeys();
  const now = new Date();

  const open = useCallback(
    (e: React.MouseEvent) => {
      const id = (e.target as Element).closest<HTMLElement>('[data-message]')?.dataset.message;
      const item = inbox.snapshot().timeline.items.find((i) => i.message_id === id);
      if (item) {
        const click = clicked(e.nativeEvent, item.page_origin);
        if (click.to !== 'nothing') {
          inbox.read(item);
        }
        onClick(click, item);
      }
    },
    [inbox, onClick],
  );

  const headless = useMemo(() => joined(items, line), [items, line]);
  return (
    <ReadingContext value={reading}>
      <div className="stream">
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys work on the links and buttons inside */}
        <section
          className="scroller"
          aria-label={t('stream.label')}
          aria-busy={state.older === 'loading'}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          ref={scroller}
          onClick={open}
          onAuxClick={open}
        >
          <Top state={state} onRetry={() => void inbox.loadOlder()} />
          <Virtualizer
            ref={list}
            scrollRef={scroller}
            shift={shift}
            startMargin={topHeight}
            data={items}
            keepMounted={focused}
            bufferSize={600}
            itemSize={180}
            onScroll={onScroll}
          >
            {(item, index) => (
              <Row
                key={item.message_id}
                item={item}
                unread={isUnread(item, state.here)}
                day={dayOf(items, index, now)}
                isNew={item.message_id === line}
                joined={headless.has(item.message_id)}
                last={!headless.has(items[index + 1]?.message_id ?? '')}
                inbox={inbox}
              />
            )}
          </Virtualizer>
        </section>
        <StickyDay scroller={scroller} list={list} items={items} onDay={props.onDay} />
        <div className="ways">
          <Above unread={unreadAbove(items, top, unreadOf(state.badge, state.agent), state.here)} onClick={toUnread} />
          <Below missed={state.missed} shown={!atBottom || !state.timeline.whole} onClick={toBottom} />
        </div>
      </div>
    </ReadingContext>
  );
}

interface RowProps {
  item: Item;
  unread: boolean;
  day: string;
  isNew: boolean;
  joined: boolean; // to the card above, which has the head
  last: boolean; // of those that share a head
  inbox: Inbox;
}

const Row = memo(function Row(props: RowProps) {
  const { item, unread, inbox } = props;
  const ref = useRef<HTMLDivElement>(null);
  useReading(ref, unread, () => inbox.read(item));
  return (
    <div className="row" data-last={props.last}>
      {props.day && (
        <h2 className="day">
          <span>{props.day}</span>
        </h2>
      )}
      {props.isNew && <p className="new-line">{t('stream.new')}</p>}
      <div className="row-card" data-message={item.message_id} ref={ref}>
        <Card item={item} unread={unread} joined={props.joined} />
      </div>
    </div>
  );
});

// The day, at its first message.
function dayOf(items: readonly Item[], index: number, now: Date): string {
  const at = new Date(items[index]?.sent_at ?? 0);
  const before = items[index - 1];
  return before && sameDay(new Date(before.sent_at), at) ? '' : dayName(at, now);
}

// The first message sent since the last visit, if older ones stand above it.
function firstNew(items: readonly Item[], seenBefore: number): string | undefined {
  const at = items.findIndex((i) => Number(i.revision) > seenBefore);
  return seenBefore > 0 && at > 0 ? items[at]?.message_id : undefined;
}

function useReadingOf(scroller: React.RefObject<HTMLElement | null>): Reading | null {
  const [reading, setReading] = useState<Reading | null>(null);
  useEffect(() => {
    if (!scroller.current) {
      return;
    }
    const r = new Reading(scroller.current);
    setReading(r);
    return () => r.stop();
  }, [scroller]);
  return reading;
}
