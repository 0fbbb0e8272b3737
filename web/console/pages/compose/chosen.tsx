// Who is chosen, as chips that can be taken away. Of very many people some are shown.

import { X } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { number } from '../notifications/model';
import { type Audience, isEmpty, isNobody, type Side, withoutPicks } from './audience';

interface Props {
  audience: Audience;
  onChange: (next: Audience) => void;
}

export function Chosen(props: Props) {
  const { audience } = props;
  const nothing = isNobody(audience) && isEmpty(audience.without);
  return (
    <div className="compose-chosen">
      {nothing && <p className="quiet">{t('compose.nobody')}</p>}
      {!audience.everyone && (audience.unread !== null || !isEmpty(audience.to)) && <List {...props} side="to" />}
      {audience.everyone && <p>{t('compose.toEveryone')}</p>}
      {!isEmpty(audience.without) && <List {...props} side="without" />}
    </div>
  );
}

const [some, many] = [12, 500];

function List({ audience, onChange, side }: Props & { side: Side }) {
  const [all, setAll] = useState(false);
  const { departments, people } = audience[side];
  const shown = people.slice(0, all ? many : some);
  const others = people.length - shown.length;
  const unread = side === 'to' ? audience.unread : null;
  const label = t(`compose.chosen.${side}`);
  return (
    <>
      <div className="compose-chosen-head">
        <h3>{label}</h3>
        <button
          type="button"
          className="text-button"
          onClick={() =>
            onChange({ ...audience, [side]: { departments: [], people: [] }, ...(side === 'to' && { unread: null }) })
          }
        >
          {t('compose.clear')}
        </button>
      </div>
      <ul className="chips" data-side={side} aria-label={label}>
        {unread && (
          <Chip
            name={t('compose.unreadOf', { title: unread.title, text: number(unread.count) })}
            onRemove={() => onChange({ ...audience, unread: null })}
          />
        )}
        {departments.map((d) => (
          <Chip
            key={d.dept_id}
            name={t('compose.department', { name: d.name, text: number(d.people) })}
            onRemove={() => onChange(withoutPicks(audience, side, { departments: [d] }))}
          />
        ))}
        {shown.map((p) => (
          <Chip
            key={p.userid}
            name={p.name || p.userid}
            title={p.userid}
            onRemove={() => onChange(withoutPicks(audience, side, { people: [p] }))}
          />
        ))}
        {others > 0 && (
          <li>
            <button type="button" className="text-button" disabled={all} onClick={() => setAll(true)}>
              {t('compose.others', { count: others, text: number(others) })}
            </button>
          </li>
        )}
      </ul>
    </>
  );
}

function Chip(props: { name: string; title?: string; onRemove: () => void }) {
  return (
    <li className="chip">
      <span className="chip-name" title={props.title}>
        {props.name}
      </span>
      <button
        type="button"
        className="chip-remove"
        aria-label={t('list.remove', { label: props.name })}
        onClick={props.onRemove}
      >
        <X size={14} aria-hidden="true" />
      </button>
    </li>
  );
}
