// One person of a list, or an id that meant nobody.

import { has, t } from '../../../shared/words';
import { date, moment } from '../../../shared/words/time';
import { number, reason } from './model';
import type { Recipient } from './queries';

export function Person(props: { one: Recipient; fresh: boolean; onDepartment: (id: string) => void }) {
  const { one, onDepartment } = props;
  return (
    <div className="person" data-fresh={props.fresh}>
      <span className="person-name">
        {one.name || <span className="quiet">{one.given ?? one.userid}</span>}
        {one.state && one.state !== 'active' && <span className="tag">{t(`person.${one.state}`)}</span>}
      </span>
      <code className="person-id">{one.given ?? one.userid}</code>
      <span className="person-job">{one.job_number}</span>
      <span className="person-depts">
        {one.departments.map(({ dept_id: id, path }) => (
          <button
            key={id}
            type="button"
            className="person-dept"
            title={path}
            aria-label={t('people.onlyDepartment', { name: path || id })}
            onClick={() => onDepartment(id)}
          >
            {path || id}
          </button>
        ))}
      </span>
      <span className="person-last">
        <Last one={one} />
      </span>
    </div>
  );
}

/** When it was read, or why it was not received. */
function Last({ one }: { one: Recipient }) {
  if (one.read_at) {
    const at = new Date(one.read_at);
    return (
      <time dateTime={one.read_at} title={moment(at)}>
        {date(at)}
      </time>
    );
  }
  if (!one.code) {
    return null;
  }
  const id = `invalid.${one.code}`;
  return (
    <>
      {has(id) ? t(id) : t('held.reason', { reason: reason(one.code), code: one.code })}
      {(one.threshold ?? 0) > 1 && (
        <span className="quiet"> {t('held.limit', { limit: number(one.threshold ?? 0) })}</span>
      )}
    </>
  );
}
