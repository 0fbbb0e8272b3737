// What stands at the two ends of the stream.

import { ArrowDown, ArrowUp } from 'lucide-react';
import { t } from '../shared/words';
import { badgeText } from './badge';
import type { State } from './state';

/** Above the oldest message: more is coming, could not come, or there is no more. */
export function Top(props: { state: State; onRetry: () => void }) {
  const { timeline, older } = props.state;
  if (older === 'failed') {
    return (
      <p className="edge" role="alert">
        {t('stream.olderFailed')}{' '}
        <button type="button" className="text-button" onClick={props.onRetry}>
          {t('retry')}
        </button>
      </p>
    );
  }
  return <p className="edge">{timeline.older === null ? t('stream.beginning') : t('stream.loadingOlder')}</p>;
}

/** Leads to the first unread message, and says how many stand above. */
export function Above(props: { unread: number; onClick: () => void }) {
  if (props.unread === 0) {
    return null;
  }
  return (
    <button type="button" className="way above" onClick={props.onClick}>
      <ArrowUp size={16} aria-hidden="true" />
      <span>{t('stream.above', { count: props.unread, text: badgeText(props.unread) })}</span>
    </button>
  );
}

/** Leads back to the newest message, and says how many came meanwhile. */
export function Below(props: { missed: number; shown: boolean; onClick: () => void }) {
  if (!props.shown) {
    return null;
  }
  return (
    <button type="button" className="way below" onClick={props.onClick}>
      <ArrowDown size={16} aria-hidden="true" />
      <span>
        {props.missed > 0
          ? t('stream.missed', { count: props.missed, text: badgeText(props.missed) })
          : t('stream.newest')}
      </span>
    </button>
  );
}
