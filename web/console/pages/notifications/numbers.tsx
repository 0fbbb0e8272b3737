// Whom a notification reached and who has read it, in numbers that change in place.

import { useEffect, useId, useRef, useState } from 'react';
import { t } from '../../../shared/words';
import { droppedText, number, readRate, reason } from './model';
import type { TaskDetail } from './queries';

export function Numbers({ task }: { task: TaskDetail }) {
  const { counts } = task;
  const label = useId();
  const rate = readRate(counts);
  return (
    <section className="panel" aria-labelledby={label}>
      <div className="task-panel-head">
        <h2 id={label}>{t('count.title')}</h2>
      </div>
      <div className="numbers">
        {rate !== null && <Ring rate={rate} />}
        <dl className="counts">
          <Count name={t('count.named')} count={counts.named} />
          <Count name={t('count.sent')} count={counts.sent} />
          {counts.read !== null && <Count name={t('count.read')} count={counts.read} />}
          <Count name={t('count.held')} count={counts.held} short />
          <Count name={t('count.failed')} count={counts.failed} short />
          <Count name={t('count.invalid')} count={counts.invalid} short />
        </dl>
      </div>
      {task.receipts_dropped && <p className="panel-note">{droppedText(task)}</p>}
      <Held held={task.held} />
      <Told text={counts.read === null ? '' : t('count.told', { count: counts.read, text: number(counts.read) })} />
    </section>
  );
}

function Count(props: { name: string; count: number; short?: boolean }) {
  return (
    <div className={props.short && props.count > 0 ? 'count short' : 'count'}>
      <dt>{props.name}</dt>
      <dd>{number(props.count)}</dd>
    </div>
  );
}

const round = 2 * Math.PI * 34;

function Ring({ rate }: { rate: number }) {
  return (
    <div className="ring">
      <svg viewBox="0 0 80 80" width={80} height={80} aria-hidden="true">
        <circle className="ring-ground" cx={40} cy={40} r={34} />
        {rate > 0 && (
          <circle className="ring-part" cx={40} cy={40} r={34} strokeDasharray={`${(round * rate) / 100} ${round}`} />
        )}
      </svg>
      <span className="ring-text">
        <strong>{rate}%</strong>
        {t('tasks.rate')}
      </span>
    </div>
  );
}

/** Why people were held back: words first, the code after them. */
function Held({ held }: { held: TaskDetail['held'] }) {
  if (held.length === 0) {
    return null;
  }
  return (
    <ul className="held" aria-label={t('held.title')}>
      {held.map(({ code, threshold, count }) => (
        <li key={`${code} ${threshold}`}>
          <span>
            {t('held.reason', { reason: reason(code), code })}
            {threshold > 1 && <span className="quiet"> {t('held.limit', { limit: number(threshold) })}</span>}
          </span>
          <span>{t('audience.people', { count, text: number(count) })}</span>
        </li>
      ))}
    </ul>
  );
}

const pause = 10_000;

/** What has changed, for who hears it: every 10 seconds at most. */
function Told({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  const newest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (newest.current === text) {
      return; // that is what the page says anyway
    }
    newest.current = text;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setSaid(newest.current);
    }, pause);
  }, [text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <span className="unseen" role="status">
      {said}
    </span>
  );
}
