// What there is to know of an app, line by line.

import { Copy } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { t } from '../../../shared/words';
import { useCopy } from '../notifications/copy';

export function Facts(props: { title: string; text?: string; children: ReactNode }) {
  const label = useId();
  return (
    <section className="panel app-part" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{props.title}</h2>
      </div>
      {props.text && <p className="panel-text">{props.text}</p>}
      <dl className="app-facts">{props.children}</dl>
    </section>
  );
}

export function Fact(props: { label: string; children: ReactNode }) {
  return (
    <div className="app-fact">
      <dt>{props.label}</dt>
      <dd>{props.children || <span className="quiet">{t('app.notSet')}</span>}</dd>
    </div>
  );
}

export function ID({ label, id }: { label: string; id: string }) {
  const copy = useCopy();
  return (
    <Fact label={label}>
      <code>{id}</code>
      <button
        type="button"
        className="icon-button"
        aria-label={t('app.copy', { name: label })}
        onClick={() => copy(id)}
      >
        <Copy size={16} aria-hidden="true" />
      </button>
    </Fact>
  );
}
