// What was done with a notification, and by whom.

import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { date } from '../../../shared/words/time';
import { useOrg } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { doer } from './model';
import { type TaskDetail, taskLogQuery } from './queries';

export function Timeline({ task }: { task: TaskDetail }) {
  const query = useQuery(taskLogQuery(useOrg(), task));
  const label = useId();
  return (
    <section className="panel" aria-labelledby={label}>
      <div className="task-panel-head">
        <h2 id={label}>{t('log.title')}</h2>
      </div>
      {query.isPending && <Loading />}
      {query.isError && !query.data && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <ol className="timeline">
          {query.data.items.map(({ what, at, by }) => (
            <li key={`${what} ${at}`} className="step">
              <span>{t(`log.${what}`)}</span>
              <span className="step-by">{by.person ? doer(by) : <code>{doer(by)}</code>}</span>
              <time dateTime={at}>{date(new Date(at))}</time>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
