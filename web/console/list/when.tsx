import { useEffect, useState } from 'react';
import { date, dateOfYear, dayOf, moment } from '../../shared/words/time';
import { age, ago } from './ago';

/** A time: how long ago within a day, else the date, with its year if that is another one; in full on hover. */
export function When(props: { at: string }) {
  const now = useMinute();
  const at = new Date(props.at);
  return (
    <time dateTime={props.at} title={moment(at)}>
      {ago(at, now) ?? (dayOf(at).year === dayOf(now).year ? dateOfYear(at) : date(at))}
    </time>
  );
}

/** How old something is; in full on hover. */
export function Age(props: { since: string }) {
  const now = useMinute();
  const since = new Date(props.since);
  return (
    <time dateTime={props.since} title={moment(since)}>
      {age(since, now)}
    </time>
  );
}

function useMinute(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
