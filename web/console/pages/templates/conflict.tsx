// Somebody else has saved the draft meanwhile: mine beside theirs, field by
// field. One field's may be taken, or all of either.

import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { clock } from '../../../shared/words/time';
import { Failed, Loading } from '../../shell/states';
import { Text } from '../reviews/changes';
import { difference } from '../reviews/difference';
import { parts } from './fields';
import { editable, type FormRequest } from './form';
import { type At, type Template, templateQuery } from './queries';
import type { Writing } from './writing';

export function Conflicted({ at, writing }: { at: At; writing: Writing }) {
  const stored = useQuery({ ...templateQuery(at), staleTime: 0 });
  const label = useId();
  return (
    <section className="panel conflict" aria-labelledby={label}>
      <div role="alert">
        <h2 id={label}>{t('conflict.title')}</h2>
        <p className="quiet">{t('conflict.text')}</p>
      </div>
      {stored.isError && <Failed error={stored.error} onRetry={() => void stored.refetch()} />}
      {!stored.isError && !stored.isFetchedAfterMount && <Loading />}
      {stored.data && stored.isFetchedAfterMount && <Sides stored={stored.data} writing={writing} />}
    </section>
  );
}

function Sides({ stored, writing }: { stored: Template; writing: Writing }) {
  const mine = writing.form;
  const theirs = stored.newest.form ? editable(stored.newest.form) : mine;
  const fields = differing(mine, theirs);
  const take = (key: keyof FormRequest) =>
    fields.length === 1 ? writing.takeTheirs(stored) : writing.update({ [key]: theirs[key] } as Partial<FormRequest>);
  return (
    <>
      <dl className="changes">
        {fields.map((field) => (
          <Side key={field.key} field={field} onTake={mine.kind === theirs.kind ? () => void take(field.key) : null} />
        ))}
      </dl>
      <div className="conflict-choices">
        <span className="quiet">{t('conflict.saved', { at: clock(new Date(stored.newest.saved_at)) })}</span>
        <Button onClick={() => void writing.takeTheirs(stored)}>{t('conflict.theirs')}</Button>
        <Button type="primary" onClick={() => void writing.keepMine(stored)}>
          {t('conflict.mine')}
        </Button>
      </div>
    </>
  );
}

interface Differing {
  key: keyof FormRequest;
  mine: string;
  theirs: string;
}

function differing(mine: FormRequest, theirs: FormRequest): Differing[] {
  const [ours, others] = [parts(mine), parts(theirs)];
  const keys = new Set([...ours.keys(), ...others.keys()]);
  return [...keys]
    .map((key) => ({ key, mine: ours.get(key) ?? '', theirs: others.get(key) ?? '' }))
    .filter((field) => field.mine !== field.theirs);
}

function Side({ field, onTake }: { field: Differing; onTake: (() => void) | null }) {
  const name = t(`field.${field.key}`);
  const pieces = difference(field.mine, field.theirs);
  const side = (which: 'mine' | 'theirs', not: 'gone' | 'new') => (
    <dd>
      <span className="conflict-side">{t(`conflict.by.${which}`)}</span>
      {field[which] === '' ? <span className="quiet">{t('review.nothing')}</span> : <Text pieces={pieces} not={not} />}
    </dd>
  );
  return (
    <div className="change">
      <dt>
        {name}
        {onTake && (
          <Button size="small" aria-label={t('conflict.takeField', { name })} onClick={onTake}>
            {t('conflict.theirs')}
          </Button>
        )}
      </dt>
      {side('mine', 'new')}
      {side('theirs', 'gone')}
    </div>
  );
}
