// Where the reader is signed in, each to be ended.

import { useCallback, useEffect, useState } from 'react';
import { Dialog } from '../shared/look/dialog';
import { t } from '../shared/words';
import { date } from '../shared/words/time';
import { endSession, type Session, sessions } from './session';

type Loaded = { kind: 'loading' } | { kind: 'failed' } | { kind: 'list'; items: readonly Session[] };

export function Devices(props: { corpID: string; onClose: () => void; onSignOut: () => void }) {
  const { corpID } = props;
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [failed, setFailed] = useState(false);
  const load = useCallback(() => {
    sessions(corpID).then(
      (items) => setLoaded({ kind: 'list', items }),
      () => setLoaded({ kind: 'failed' }),
    );
  }, [corpID]);
  useEffect(load, [load]);
  const end = (session: Session) => {
    if (session.current) {
      props.onSignOut();
      return;
    }
    setFailed(false);
    endSession(corpID, session.session_id).then(load, () => setFailed(true));
  };
  return (
    <Dialog title={t('devices.title')} onClose={props.onClose}>
      {loaded.kind === 'loading' && <p className="dialog-text">{t('loading')}</p>}
      {loaded.kind === 'failed' && (
        <p className="dialog-text" role="alert">
          {t('devices.failed')}{' '}
          <button type="button" className="text-button" onClick={load}>
            {t('retry')}
          </button>
        </p>
      )}
      {loaded.kind === 'list' && (
        <ul className="devices">
          {loaded.items.map((s) => (
            <li key={s.session_id}>
              <span className="menu-two">
                <span>
                  {s.device || t('devices.unknown')}
                  {s.current && <span className="tag">{t('devices.this')}</span>}
                </span>
                <span className="menu-second">{t('devices.seen', { at: date(new Date(s.seen_at)) })}</span>
              </span>
              <button type="button" className="button" onClick={() => end(s)}>
                {t(s.current ? 'account.signOut' : 'devices.end')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {failed && (
        <p className="dialog-text" role="alert">
          {t('devices.endFailed')}
        </p>
      )}
    </Dialog>
  );
}
