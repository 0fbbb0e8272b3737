// What people sign in with: a button for each of the organization's sources.

import { useState } from 'react';
import { Refused } from '../shared/api/client';
import { t } from '../shared/words';
import { goTo, type Refusal, type Way, wanted } from './ways';

type Failure = '' | 'down' | 'throttled' | 'unreachable';

export function Ways(props: { ways: readonly Way[]; refusal: Refusal | null; onGone: () => void }) {
  const [busy, setBusy] = useState<Way | null>(null); // it stays busy until the page is gone
  const [failure, setFailure] = useState<Failure>('');
  const go = (way: Way) => {
    if (busy !== null) {
      return;
    }
    setBusy(way);
    setFailure('');
    goTo(way, wanted(props.refusal)).catch((e) => {
      setBusy(null);
      if (e instanceof Refused && e.status === 404) {
        props.onGone(); // nobody signs in with it any more
      } else {
        setFailure(failed(e));
      }
    });
  };
  return (
    <>
      <div className="notice-choices out-ways">
        {props.ways.map((way) => (
          <button
            key={way.source}
            type="button"
            className="button primary"
            aria-disabled={busy !== null}
            onClick={() => go(way)}
          >
            {busy === way ? t('ways.busy', { name: way.name }) : t('ways.go', { name: way.name })}
          </button>
        ))}
      </div>
      <p className="out-failed" role="alert">
        {failure !== '' && t(`ways.failed.${failure}`)}
      </p>
    </>
  );
}

function failed(e: unknown): Failure {
  if (!(e instanceof Refused)) {
    return 'unreachable';
  }
  return e.code === 'signin_source_down' ? 'down' : e.status === 429 ? 'throttled' : 'unreachable';
}
