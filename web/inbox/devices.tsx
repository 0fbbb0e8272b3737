// Where the reader is signed in, the API tokens that open their inbox, and the
// programs that they have signed in to: each to be ended.

import { useCallback, useEffect, useLayoutEffect, useState } from 'react';
import { endSession } from '../shared/account/membership';
import { Confirm } from '../shared/look/confirm';
import { Dialog } from '../shared/look/dialog';
import { t } from '../shared/words';
import { date } from '../shared/words/time';
import { type Consent, consents, revokeToken, type Session, sessions, type Token, tokens, withdraw } from './session';

type Loaded =
  | { kind: 'loading' }
  | { kind: 'failed' }
  | { kind: 'lists'; sessions: Session[]; tokens: Token[]; consents: Consent[] };
/** What the reader wants to end, and is asked about. */
type Ending = { session: Session } | { token: Token } | { consent: Consent };

export function Devices(props: { corpID: string; onClose: () => void; onSignOut: () => void }) {
  const { corpID } = props;
  const [loaded, setLoaded] = useState<Loaded>({ kind: 'loading' });
  const [failed, setFailed] = useState(false);
  const [ending, setEnding] = useState<Ending | null>(null);
  const load = useCallback(() => {
    Promise.all([sessions(corpID), tokens(corpID), consents(corpID)]).then(
      ([s, k, c]) => setLoaded({ kind: 'lists', sessions: s, tokens: k, consents: c }),
      () => setLoaded({ kind: 'failed' }),
    );
  }, [corpID]);
  useEffect(load, [load]);
  useKeptFocus(loaded);
  const end = (what: Ending) => {
    setEnding(null);
    setFailed(false);
    ended(corpID, what).then(load, () => setFailed(true));
  };
  return (
    <>
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
        {loaded.kind === 'lists' && (
          <>
            <Sessions
              items={loaded.sessions}
              onEnd={(session) => (session.current ? props.onSignOut() : setEnding({ session }))}
            />
            <Consents items={loaded.consents} onEnd={(consent) => setEnding({ consent })} />
            <Tokens items={loaded.tokens} onEnd={(token) => setEnding({ token })} />
          </>
        )}
        {failed && (
          <p className="dialog-text" role="alert">
            {t('devices.endFailed')}
          </p>
        )}
      </Dialog>
      {ending && <Ask ending={ending} onEnd={() => end(ending)} onClose={() => setEnding(null)} />}
    </>
  );
}

function ended(corpID: string, what: Ending): Promise<void> {
  if ('session' in what) {
    return endSession(corpID, what.session.session_id);
  }
  return 'token' in what ? revokeToken(corpID, what.token.token_id) : withdraw(corpID, what.consent.consent_id);
}

// The button that ended something goes with it, and at that moment the focus
// moves to one that stays: a key pressed right after it is not lost.
function useKeptFocus(loaded: Loaded): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was loaded has taken the button away
  useLayoutEffect(() => {
    if (document.activeElement === document.body) {
      document.querySelector<HTMLElement>('dialog[open] .icon-button')?.focus();
    }
  }, [loaded]);
}

function Sessions(props: { items: Session[]; onEnd: (session: Session) => void }) {
  return (
    <ul className="devices">
      {props.items.map((s) => (
        <li key={s.session_id}>
          <span className="menu-two">
            <span>
              <span className="devices-name">{s.device || t('devices.unknown')}</span>
              {s.current && <span className="tag">{t('devices.this')}</span>}
            </span>
            <span className="menu-second">{t('devices.seen', { at: date(new Date(s.seen_at)) })}</span>
          </span>
          <button type="button" className="button" onClick={() => props.onEnd(s)}>
            {t(s.current ? 'account.signOut' : 'devices.end')}
          </button>
        </li>
      ))}
    </ul>
  );
}

// Most people have none, and need not read about them.
function Tokens(props: { items: Token[]; onEnd: (token: Token) => void }) {
  if (props.items.length === 0) {
    return null;
  }
  return (
    <>
      <h3 className="devices-head">{t('tokens.title')}</h3>
      <p className="dialog-text">{t('tokens.text')}</p>
      <ul className="devices tokens">
        {props.items.map((k) => (
          <li key={k.token_id}>
            <span className="menu-two">
              <span>{k.name}</span>
              <span className="menu-second">{t('tokens.until', { at: date(new Date(k.expires_at)) })}</span>
            </span>
            <button type="button" className="button" onClick={() => props.onEnd(k)}>
              {t('tokens.end')}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Consents(props: { items: Consent[]; onEnd: (consent: Consent) => void }) {
  if (props.items.length === 0) {
    return null;
  }
  return (
    <>
      <h3 className="devices-head">{t('consents.title')}</h3>
      <p className="dialog-text">{t('consents.text')}</p>
      <ul className="devices consents">
        {props.items.map((c) => (
          <li key={c.consent_id}>
            <span className="menu-two">
              <span>{c.app_name}</span>
              <span className="menu-second">{t('consents.since', { at: date(new Date(c.created_at)) })}</span>
            </span>
            <button type="button" className="button" onClick={() => props.onEnd(c)}>
              {t('consents.end')}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Ask(props: { ending: Ending; onEnd: () => void; onClose: () => void }) {
  const [title, text, action] = wordsOf(props.ending);
  return (
    <Confirm title={title} action={action} onConfirm={props.onEnd} onClose={props.onClose}>
      <p className="dialog-text">{text}</p>
    </Confirm>
  );
}

function wordsOf(ending: Ending): [title: string, text: string, action: string] {
  if ('session' in ending) {
    const device = ending.session.device || t('devices.unknown');
    return [t('devices.endTitle', { device }), t('devices.endText'), t('devices.end')];
  }
  if ('token' in ending) {
    return [t('tokens.endTitle', { name: ending.token.name }), t('tokens.endText'), t('tokens.end')];
  }
  return [t('consents.endTitle', { app: ending.consent.app_name }), t('consents.endText'), t('consents.end')];
}
