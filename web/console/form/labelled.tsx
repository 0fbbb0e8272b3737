import { type ReactNode, useId } from 'react';
import { t } from '../../shared/words';
import { count } from './texts';

/** What a field takes over from its label. */
export type Named = { id: string; 'aria-describedby': string; status?: 'error' };

/** A label, a field, how much of it is used, and what is wrong with it. */
export function Labelled(props: {
  label: string;
  value: string;
  /** The most characters; without one, none are counted. */
  most?: number;
  /** Empty where nothing is. */
  wrong: string;
  children: (name: Named) => ReactNode;
}) {
  const id = useId();
  const { value, most, wrong } = props;
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{props.label}</label>
        {most !== undefined && <Counter value={value} most={most} />}
      </div>
      {props.children({ id, 'aria-describedby': `${id}-wrong`, ...(wrong ? { status: 'error' } : {}) })}
      <p className="field-wrong" id={`${id}-wrong`}>
        {wrong}
      </p>
    </div>
  );
}

/** How many characters are used of how many. */
export function Counter(props: { value: string; most: number }) {
  const n = count(props.value);
  return (
    <span className="counter" data-over={n > props.most}>
      {t('counter', { n, most: props.most })}
    </span>
  );
}
