// What a version says, field by field, beside another: the live one unless
// somebody chooses.

import { useQuery } from '@tanstack/react-query';
import { Checkbox, Select } from 'antd';
import { useId, useState } from 'react';
import { t } from '../../../shared/words';
import { Failed, Loading } from '../../shell/states';
import { type Form, fieldName, shownText, written } from '../templates/fields';
import { difference, type Piece } from './difference';
import { type At, type Change, differenceQuery } from './queries';
import { useOthers, usualOther, versionName } from './versions';

interface Props {
  at: At;
  live: number | null;
  form: Form | undefined;
  /** The version it is compared with; null for the usual one. */
  against: number | null;
  onAgainst: (n: number) => void;
}

export function Changes(props: Props) {
  const { at, live, form } = props;
  const query = useQuery(differenceQuery(at, props.against ?? usualOther(at.n, live)));
  const [changedOnly, setChangedOnly] = useState(true);
  const label = useId();
  if (query.isError) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  const { against, changes } = query.data;
  return (
    <section className="panel" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{against === null ? t('review.isNew') : t('review.changes', { count: changes.length })}</h2>
        <div className="change-choices">
          <Against {...props} shown={against} />
          {against !== null && (
            <Checkbox checked={changedOnly} onChange={(e) => setChangedOnly(e.target.checked)}>
              {t('review.changedOnly')}
            </Checkbox>
          )}
        </div>
      </div>
      {changes.length === 0 && <p className="panel-text">{t('review.noChanges')}</p>}
      {against !== null && <Sides at={at} live={live} against={against} />}
      <dl className="changes">
        {(!changedOnly && form ? everything(form, changes) : changes).map((c) => (
          <Field key={c.field} change={c} compared={against !== null} />
        ))}
      </dl>
    </section>
  );
}

/** With which version it is compared; nothing where there is no other. */
function Against(props: Props & { shown: number | null }) {
  const { at, live, shown, onAgainst } = props;
  const others = useOthers(at, live);
  const label = useId();
  return (
    others.length > 0 && (
      <span className="against">
        <label htmlFor={label}>{t('review.against')}</label>
        <Select
          id={label}
          size="small"
          popupMatchSelectWidth={false}
          value={shown}
          placeholder={t('review.empty')}
          options={others}
          onChange={(n) => n !== null && onAgainst(n)}
        />
      </span>
    )
  );
}

/** Which side is which version. */
function Sides({ at, live, against }: { at: At; live: number | null; against: number }) {
  const others = useOthers(at, live);
  const was = others.find((one) => one.value === against)?.label ?? versionName(against, undefined, live);
  return (
    <div className="change change-sides only-desktop" aria-hidden="true">
      <span />
      <span>{was}</span>
      <span>{versionName(at.n, undefined, live)}</span>
    </div>
  );
}

/** All fields of the form, those that differ with what they were, and those that are gone. */
function everything(form: Form, changes: readonly Change[]): Change[] {
  const changed = new Map(changes.map((c) => [c.field, c]));
  const fields = written(form).map(([field, text]) => changed.get(field) ?? { field, before: text, after: text });
  const shown = new Set(fields.map((f) => f.field));
  return [...fields, ...changes.filter((c) => !shown.has(c.field))];
}
function Field({ change, compared }: { change: Change; compared: boolean }) {
  const { field } = change;
  const [before, after] = [shownText(field, change.before), shownText(field, change.after)];
  if (!compared || before === after) {
    return (
      <div className="change">
        <dt>{fieldName(field)}</dt>
        <dd className="now whole">{after}</dd>
      </div>
    );
  }
  const pieces = difference(before, after);
  return (
    <div className="change">
      <dt>{fieldName(field)}</dt>
      <dd className="both only-phone">
        <Text pieces={pieces} said />
      </dd>
      <dd className="was only-desktop">
        <span className="unseen">{t('review.was')}</span>
        {before === '' ? <span className="quiet">{t('review.nothing')}</span> : <Text pieces={pieces} not="new" />}
      </dd>
      <dd className="now only-desktop">
        <span className="unseen">{t('review.is')}</span>
        {after === '' ? <span className="quiet">{t('review.nothing')}</span> : <Text pieces={pieces} not="gone" />}
      </dd>
    </div>
  );
}

/** The pieces of a change. said: both texts are in one, so what is gone and what is new is told to who hears it. */
export function Text(props: { pieces: readonly Piece[]; not?: 'gone' | 'new'; said?: boolean }) {
  const said = (id: string) => props.said && <span className="unseen">{t(id)}</span>;
  return props.pieces
    .filter((p) => p.kind !== props.not)
    .map((p, n) => {
      const key = `${n} ${p.kind}`;
      if (p.kind === 'same') {
        return <span key={key}>{p.text}</span>;
      }
      return p.kind === 'gone' ? (
        <del key={key}>
          {said('review.was')}
          {p.text}
        </del>
      ) : (
        <ins key={key}>
          {said('review.is')}
          {p.text}
        </ins>
      );
    });
}
