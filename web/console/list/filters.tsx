// The filters above a list. They apply on change; what applies shows as chips.

import { Button, Drawer, Input, Select } from 'antd';
import { ListFilter, Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../shared/words';
import { useLetters } from '../shell/keys';
import { periodText } from './period';
import { PeriodFilter } from './periodfilter';
import type { ListPlace } from './search';

export type Filter =
  | { key: string; label: string; kind: 'text'; max?: number }
  | { key: string; label: string; kind: 'choice'; options: readonly { value: string; label: string }[] }
  | { key: string; label: string; kind: 'period' }
  /** Set by what is in a row; here it only shows as a chip. */
  | { key: string; label: string; kind: 'row'; name: (value: string) => string };

type Props = { filters: readonly Filter[]; place: ListPlace };

export function Filters(props: Props) {
  const [sheet, setSheet] = useState(false);
  const choices = props.filters.filter((f) => f.kind === 'choice' || f.kind === 'period');
  return (
    <>
      {props.filters
        .filter((f) => f.kind === 'text')
        .map((f) => (
          <TextFilter key={f.key} name={f.key} label={f.label} max={f.max} place={props.place} />
        ))}
      <div className="filters only-desktop">
        <Choices filters={choices} place={props.place} />
      </div>
      {choices.length > 0 && (
        <>
          <Button
            className="only-phone"
            icon={<ListFilter size={16} aria-hidden="true" />}
            onClick={() => setSheet(true)}
          >
            {t('list.filters')}
          </Button>
          <Drawer
            title={t('list.filters')}
            placement="bottom"
            size={420}
            open={sheet}
            onClose={() => setSheet(false)}
            closable={{ 'aria-label': t('close') }}
          >
            <div className="filters sheet">
              <Choices filters={choices} place={props.place} />
            </div>
          </Drawer>
        </>
      )}
    </>
  );
}

function Choices(props: { filters: readonly Extract<Filter, { kind: 'choice' | 'period' }>[]; place: ListPlace }) {
  const { search, filter } = props.place;
  return props.filters.map((f) =>
    f.kind === 'period' ? (
      <PeriodFilter
        key={f.key}
        label={f.label}
        value={search[f.key]}
        onChange={(value) => filter({ [f.key]: value })}
      />
    ) : (
      <Select
        key={f.key}
        className="filter"
        aria-label={f.label}
        placeholder={f.label}
        value={search[f.key] ?? null}
        options={[...f.options]}
        allowClear
        popupMatchSelectWidth={false}
        showSearch={f.options.length > 8 ? { optionFilterProp: 'label' } : false}
        onChange={(value) => filter({ [f.key]: value ?? undefined })}
      />
    ),
  );
}

const pause = 300;

/** A text applies once its writer has paused. */
function TextFilter(props: { name: string; label: string; max: number | undefined; place: ListPlace }) {
  const applied = props.place.search[props.name] ?? '';
  const [text, setText] = useState(applied);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const own = useRef(applied); // what was written here and applied last
  // What else the address says counts: Back, or a chip that was removed.
  useEffect(() => {
    if (applied !== own.current) {
      own.current = applied;
      setText(applied);
    }
  }, [applied]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLetters(useSlash(field));
  const write = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      own.current = next.trim();
      props.place.filter({ [props.name]: own.current || undefined }, true);
    }, pause);
  };
  return (
    <Input
      className="list-search"
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      prefix={<Search size={16} aria-hidden="true" />}
      maxLength={props.max}
      value={text}
      onChange={(e) => write(e.target.value)}
      ref={(input) => {
        field.current = input?.input ?? null;
      }}
    />
  );
}

function useSlash(field: React.RefObject<HTMLInputElement | null>): Readonly<Record<string, () => void>> {
  const [letters] = useState(() => ({ '/': () => field.current?.focus() }));
  return letters;
}

/** The filters that apply; each is taken away by its button. */
export function Chips(props: Props) {
  const { search, filter } = props.place;
  const on = props.filters.filter((f) => search[f.key] !== undefined);
  if (on.length === 0) {
    return null;
  }
  return (
    <ul className="chips" aria-label={t('list.applied')}>
      {on.map((f) => (
        <li key={f.key} className="chip">
          {t('list.chip', { label: f.label, value: valueText(f, search[f.key] ?? '') })}
          <button
            type="button"
            className="chip-remove"
            aria-label={t('list.remove', { label: f.label })}
            onClick={() => filter({ [f.key]: undefined })}
          >
            <X size={14} aria-hidden="true" />
          </button>
        </li>
      ))}
      <li>
        <button type="button" className="text-button" onClick={() => filter(cleared(props.filters))}>
          {t('list.clear')}
        </button>
      </li>
    </ul>
  );
}

export function cleared(filters: readonly Filter[]): Record<string, undefined> {
  return Object.fromEntries(filters.map((f) => [f.key, undefined]));
}

function valueText(f: Filter, value: string): string {
  switch (f.kind) {
    case 'choice':
      return f.options.find((o) => o.value === value)?.label ?? value;
    case 'period':
      return periodText(value);
    case 'row':
      return f.name(value);
    default:
      return value;
  }
}
