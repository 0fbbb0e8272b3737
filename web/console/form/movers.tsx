// What moves one of several to another place, and away: a grip, and buttons for
// up, down and away.

import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import { t } from '../../shared/words';
import { Grip } from './grip';
import { moved } from './texts';

export function Movers<T>(props: {
  list: readonly T[];
  n: number;
  /** So many stay. */
  least: number;
  name: string;
  onChange: (list: T[]) => void;
}) {
  const { list, n, name, onChange } = props;
  const place = useRef<HTMLDivElement>(null);
  const move = (to: number) => onChange(moved(list, n, to));
  const step = (by: -1 | 1) => {
    move(n + by);
    followed(place.current, n + by, by);
  };
  return (
    <div className="movers" ref={place}>
      {list.length > 1 && <Grip onMove={move} />}
      <button
        type="button"
        className="icon-button"
        data-move="-1"
        disabled={n === 0}
        aria-label={t('move.up', { name })}
        onClick={() => step(-1)}
      >
        <ArrowUp size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        data-move="1"
        disabled={n === list.length - 1}
        aria-label={t('move.down', { name })}
        onClick={() => step(1)}
      >
        <ArrowDown size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        disabled={list.length <= props.least}
        aria-label={t('move.remove', { name })}
        onClick={() => onChange(list.toSpliced(n, 1))}
      >
        <Trash2 size={16} aria-hidden="true" />
      </button>
    </div>
  );
}

/** The focus goes along with what was moved, so that the next press moves the same. */
function followed(place: HTMLElement | null, to: number, by: -1 | 1): void {
  const rows = place?.closest('.listed')?.parentElement?.querySelectorAll<HTMLElement>(':scope > .listed');
  const button = (way: number) => rows?.[to]?.querySelector<HTMLButtonElement>(`[data-move="${way}"]`);
  requestAnimationFrame(() => {
    const same = button(by);
    (same?.disabled ? button(-by) : same)?.focus();
  });
}
