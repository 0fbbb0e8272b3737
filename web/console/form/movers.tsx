// The buttons of one of several: up, down, away.

import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { t } from '../../shared/words';
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
  return (
    <div className="movers">
      <button
        type="button"
        className="icon-button"
        disabled={n === 0}
        aria-label={t('move.up', { name })}
        onClick={() => onChange(moved(list, n, -1))}
      >
        <ArrowUp size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        disabled={n === list.length - 1}
        aria-label={t('move.down', { name })}
        onClick={() => onChange(moved(list, n, 1))}
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
