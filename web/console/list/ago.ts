import { locale, t } from '../../shared/words';

const minute = 60_000;
const hour = 60 * minute;

/** How long ago, in words; null for a day and more, and for what is to come. */
export function ago(at: Date, now: Date): string | null {
  const past = now.getTime() - at.getTime();
  if (past < -minute || past >= 24 * hour) {
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
