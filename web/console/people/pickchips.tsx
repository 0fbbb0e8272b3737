// Who is picked, as chips that can be taken away. Of very many people some are shown.

import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { t } from '../../shared/words';
import { number } from '../pages/notifications/model';
import type { Picks } from './picks';
import './people.css';

interface Props {
  label: string;
  picks: Picks;
  /** They are left out. */
  isWithout?: boolean;
  /** Chips before these. */
  before?: ReactNode;
  /** Without it they are only shown. */
  onRemove?: (fewer: Partial<Picks>) => void;
  onClear?: () => void;
}

const [some, many] = [12, 500];

export function PickChips(props: Props) {
  const [all, setAll] = useState(false);
  const { label, onRemove } = props;
  const { departments, people } = props.picks;
  const shown = people.slice(0, all ? many : some);
  const others = people.length - shown.length;
  return (
    <>
      {props.onClear && (
        <div className="picked-head">
          <h3>{label}</h3>
          <button type="button" className="text-button" onClick={props.onClear}>
            {t('picked.clear')}
          </button>
        </div>
      )}
      <ul className="chips picked" data-without={props.isWithout} aria-label={label}>
        {props.before}
        {departments.map((d) => (
          <Chip
            key={d.dept_id}
            name={d.people === null ? d.name : t('picked.department', { name: d.name, text: number(d.people) })}
            onRemove={onRemove && (() => onRemove({ departments: [d] }))}
          />
        ))}
        {shown.map((p) => (
          <Chip
            key={p.userid}
            name={p.name || p.userid}
            title={p.userid}
            onRemove={onRemove && (() => onRemove({ people: [p] }))}
          />
        ))}
        {others > 0 && (
          <li>
            <button type="button" className="text-button" disabled={all} onClick={() => setAll(true)}>
              {t('picked.others', { count: others, text: number(others) })}
            </button>
          </li>
        )}
      </ul>
    </>
  );
}

export function Chip(props: { name: string; title?: string; onRemove: (() => void) | undefined }) {
  return (
    <li className={props.onRemove ? 'chip' : 'chip shown'}>
      <span className="chip-name" title={props.title}>
        {props.name}
      </span>
      {props.onRemove && (
        <button
          type="button"
          className="chip-remove"
          aria-label={t('list.remove', { label: props.name })}
          onClick={props.onRemove}
        >
          <X size={14} aria-hidden="true" />
        </button>
      )}
    </li>
  );
}
