import { locale, t } from '../../shared/words';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, in words; null for a day and more, and for what is to come. */
export function ago(at: Date, now: Date): string | null {
  const past = now.getTime() - at.getTime();
  if (past < -minute || past >= day) {
    return null;
  }
  if (past < minute) {
    return t('justNow');
  }
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'always' });
  return past < hour
    ? words.format(-Math.floor(past / minute), 'minute')
    : words.format(-Math.floor(past / hour), 'hour');
}

/** How old something is, in words, however old: 3 小时前, 12 天前, 5 个月前, 2 年前. */
export function age(since: Date, now: Date): string {
  const past = Math.max(0, now.getTime() - since.getTime()); // a server's clock may be ahead of ours
  const days = Math.floor(past / day);
  if (days < 1) {
    return ago(new Date(now.getTime() - past), now) ?? '';
  }
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'always' });
  if (days < 60) {
    return words.format(-days, 'day');
  }
  return days < 730 ? words.format(-Math.floor(days / 30.44), 'month') : words.format(-Math.floor(days / 365), 'year');
}
