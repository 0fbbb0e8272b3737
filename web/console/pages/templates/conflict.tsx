// Somebody else has saved the draft meanwhile: mine beside theirs, field by
// field. One field's may be taken, or all of either.

import { Button } from 'antd';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { keptAt } from '../../form/keptnotice';
import { named } from '../../people/named';
import { useSession } from '../../shell/session';
import { Text } from '../reviews/changes';
import { difference } from '../reviews/difference';
import { parts } from './fields';
import { editable, type FormRequest } from './form';
import type { Template } from './queries';
import type { Writing } from './writing';

/** Who saved a template's newest version, null for the reader in another place; and when. */
export function useOther({ newest }: Template): { who: string | null; at: string } {
  const { me, current } = useSession();
  const by = newest.authors.at(-1);
  const own = by?.userid === me.userid && by.corp_id === current.corp_id;
  return { who: own ? null : named(by), at: keptAt(Date.parse(newest.saved_at)) };
}

/** stored: the template as it is now, with what the other has saved. */
export function Conflicted({ stored, writing }: { stored: Template; writing: Writing }) {
  const { who, at } = useOther(stored);
  const label = useId();
  return (
    <section className="panel conflict" aria-labelledby={label}>
      <div role="alert">
        <h2 id={label}>{who === null ? t('conflict.titleOwn', { at }) : t('conflict.title', { who, at })}</h2>
        <p className="quiet">{t('conflict.text')}</p>
      </div>
      <Sides stored={stored} theirName={who === null ? t('conflict.by.elsewhere') : who} writing={writing} />
    </section>
  );
}

function Sides(props: { stored: Template; theirName: string; writing: Writing }) {
  const { stored, writing } = props;
  const mine = writing.form;
  const theirs = stored.newest.form ? editable(stored.newest.form) : mine;
  const fields = differing(mine, theirs);
  const take = (key: keyof FormRequest) =>
    fields.length === 1 ? writing.takeTheirs(stored) : writing.update({ [key]: theirs[key] } as Partial<FormRequest>);
  return (
    <>
      <dl className="changes">
        {fields.map((field) => (
          <Side
            key={field.key}
            field={field}
            theirName={props.theirName}
            onTake={mine.kind === theirs.kind ? () => void take(field.key) : null}
          />
        ))}
      </dl>
      <div className="conflict-choices">
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

function Side({ field, theirName, onTake }: { field: Differing; theirName: string; onTake: (() => void) | null }) {
  const name = t(`field.${field.key}`);
  const pieces = difference(field.mine, field.theirs);
  const side = (which: 'mine' | 'theirs', not: 'gone' | 'new') => (
    <dd>
      <span className="conflict-side">{which === 'mine' ? t('conflict.by.mine') : theirName}</span>
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
