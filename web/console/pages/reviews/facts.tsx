// What there is to know beside what is written.

import { useQuery } from '@tanstack/react-query';
import { t } from '../../../shared/words';
import { Findings } from '../templates/findings';
import { type At, lintQuery } from './queries';

export function Facts({ at }: { at: At }) {
  const lint = useQuery(lintQuery(at));
  if (!lint.data) {
    return null;
  }
  const { findings } = lint.data;
  return (
    <section className="panel" aria-label={t('checks')}>
      <div className="panel-head">
        <h2>{t('checks')}</h2>
      </div>
      {findings.length === 0 ? <p className="panel-text">{t('checks.none')}</p> : <Findings findings={findings} />}
    </section>
  );
}
