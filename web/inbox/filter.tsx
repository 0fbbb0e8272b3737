// Which app's messages are shown: a column beside the stream on a desktop, a
// row of chips above it on a phone.

import { Inbox as InboxIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Avatar } from '../shared/look/avatar';
import { t } from '../shared/words';
import { type Badge, badgeText } from './badge';

export interface App {
  agent_id: string;
  name: string;
  icon: string;
}

interface Props {
  apps: readonly App[];
  agent: string | null;
  badge: Badge;
  onChoose: (agent: string | null) => void;
}

export function Filter(props: Props) {
  const { apps, agent, badge, onChoose } = props;
  const row = useRef<HTMLElement>(null);
  useInSight(row, agent);
  return (
    <nav className="filter" aria-label={t('filter.label')} ref={row}>
      <ul>
        <Choice name={t('filter.all')} count={badge.count} chosen={agent === null} onChoose={() => onChoose(null)}>
          <span className="avatar all">
            <InboxIcon size={18} aria-hidden="true" />
          </span>
        </Choice>
        {apps.map((app) => (
          <Choice
            key={app.agent_id}
            name={app.name}
            count={badge.byApp[app.agent_id] ?? 0}
            chosen={agent === app.agent_id}
            onChoose={() => onChoose(app.agent_id)}
          >
            <Avatar name={app.name} icon={app.icon} size={28} />
          </Choice>
        ))}
      </ul>
    </nav>
  );
}

function Choice(props: {
  name: string;
  count: number;
  chosen: boolean;
  onChoose: () => void;
  children: React.ReactNode;
}) {
  const { name, count, chosen } = props;
  return (
    <li>
      <button type="button" className="choice" aria-pressed={chosen} onClick={props.onChoose}>
        {props.children}
        <span className="choice-name" title={name}>
          {name}
        </span>
        <Count count={count} />
      </button>
    </li>
  );
}

const hands = ['wheel', 'pointerdown'] as const;

// The row of a phone may be wider than its screen. Names and counts come later
// and widen it, so the one a key has reached, else the chosen one, is brought into
// sight again, until the reader moves the row.
function useInSight(row: React.RefObject<HTMLElement | null>, agent: string | null): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one is chosen
  useEffect(() => {
    const nav = row.current;
    const list = nav?.firstElementChild;
    if (!nav || !list) {
      return;
    }
    const reached = () => list.querySelector(':focus-visible');
    const show = (one: Element | null) => one?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const wider = new ResizeObserver(() => show(reached() ?? list.querySelector('[aria-pressed="true"]')));
    wider.observe(list);
    const focused = () => show(reached()); // the browser leaves one that is half in sight where it is
    nav.addEventListener('focusin', focused);
    const moved = () => wider.disconnect();
    for (const hand of hands) {
      nav.addEventListener(hand, moved, { passive: true });
    }
    return () => {
      wider.disconnect();
      nav.removeEventListener('focusin', focused);
      for (const hand of hands) {
        nav.removeEventListener(hand, moved);
      }
    };
  }, [row, agent]);
}

/** A number of unread messages; nothing for none. */
export function Count({ count }: { count: number }) {
  return count <= 0 ? null : (
    <span className="badge">
      <span aria-hidden="true">{badgeText(count)}</span>
      <span className="unseen">{t('filter.unread', { count, text: badgeText(count) })}</span>
    </span>
  );
}
