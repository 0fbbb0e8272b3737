// The page that a program sends people to who sign in to it: it says who asks
// and what they would be told, and sends the browser back with the answer.

import { ShieldCheck, TriangleAlert } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { Refused } from '../shared/api/client';
import { NoticePage } from '../shared/look/noticepage';
import { t, useLanguage } from '../shared/words';
import { type Authorization, asked, authorize, requestIn, signInPage } from './request';

type Phase =
  | { kind: 'loading' }
  | { kind: 'failed' }
  /** The request is not in order: nothing leads to where it wants the browser to go. */
  | { kind: 'refused'; why: 'app' | 'address' | 'request'; detail: string }
  /** No organization of theirs has the third-party app. */
  | { kind: 'missing'; asked: Authorization }
  | { kind: 'asks'; asked: Authorization; busy: boolean; failed: boolean };

export function App() {
  useLanguage();
  const [phase, setPhase] = useState<Phase>({ kind: 'loading' });
  const load = useCallback(async (corpID = '') => {
    setPhase({ kind: 'loading' });
    const request = requestIn(location);
    try {
      const found = await asked(request, corpID);
      if (found.missing) {
        setPhase({ kind: 'missing', asked: found });
      } else if (found.person === null) {
        location.replace(signInPage(found.organization.corp_id));
      } else if (found.asks || found.outside || (found.others.length > 0 && corpID === '')) {
        setPhase({ kind: 'asks', asked: found, busy: false, failed: false });
      } else {
        location.replace(await authorize(request, found.organization.corp_id));
      }
    } catch (e) {
      setPhase(refusal(e));
    }
  }, []);
  useEffect(() => void load(), [load]);

  switch (phase.kind) {
    case 'loading':
      return <p className="page-loading">{t('loading')}</p>;
    case 'failed':
      return (
        <NoticePage title={t('failed.title')} sign={<TriangleAlert size={40} strokeWidth={1.4} aria-hidden="true" />}>
          <p>{t('failed.text')}</p>
          <button type="button" className="button primary" onClick={() => void load()}>
            {t('retry')}
          </button>
        </NoticePage>
      );
    case 'refused':
      return (
        <NoticePage title={t('refused.title')} sign={<TriangleAlert size={40} strokeWidth={1.4} aria-hidden="true" />}>
          <p>{t(`refused.${phase.why}`)}</p>
          <p className="contact">
            {t('refused.detail')} <code>{phase.detail}</code>
          </p>
        </NoticePage>
      );
    case 'missing':
      return <Refusal asked={phase.asked} why="missing" />;
    case 'asks':
      return phase.asked.outside ? (
        <Refusal asked={phase.asked} why="outside">
          <Others asked={phase.asked} onChoose={(corpID) => void load(corpID)} />
        </Refusal>
      ) : (
        <Asks phase={phase} setPhase={setPhase} onChoose={(corpID) => void load(corpID)} />
      );
  }
}

/** What a program may be told, in the order in which people read it. */
const told = ['openid', 'contact', 'corpid'];

/** What a failure comes to. */
function refusal(e: unknown): Phase {
  if (!(e instanceof Refused) || e.status === 0 || e.status >= 500 || e.status === 429) {
    return { kind: 'failed' };
  }
  const why =
    e.code === 'app_unknown' ? 'app' : e.problem?.field?.endsWith('redirect_uri') === true ? 'address' : 'request';
  return { kind: 'refused', why, detail: e.message };
}

function Asks(props: {
  phase: Extract<Phase, { kind: 'asks' }>;
  setPhase: (phase: Phase) => void;
  onChoose: (corpID: string) => void;
}) {
  const { phase, setPhase } = props;
  const { asked } = phase;
  const values = { app: asked.app_name, organization: asked.organization.name, name: asked.person?.name ?? '' };
  const allow = () => {
    setPhase({ ...phase, busy: true, failed: false });
    authorize(requestIn(location), asked.organization.corp_id).then(
      (to) => location.replace(to),
      (e) => {
        if (e instanceof Refused && e.status === 401) {
          location.replace(signInPage(asked.organization.corp_id)); // signed out meanwhile
          return;
        }
        setPhase({ ...phase, busy: false, failed: true });
      },
    );
  };
  return (
    <NoticePage title={t('asks.title', values)} sign={<ShieldCheck size={40} strokeWidth={1.4} aria-hidden="true" />}>
      {asked.third_party && <p>{t('asks.provider', { provider: asked.provider.name })}</p>}
      <p>{t('asks.as', values)}</p>
      <Others asked={asked} onChoose={props.onChoose} />
      <div className="oauth-told">
        <p id="told">{t('asks.told')}</p>
        <ul aria-labelledby="told">
          {told
            .filter((one) => asked.told.includes(one))
            .map((one) => (
              <li key={one}>{t(`told.${one}`, values)}</li>
            ))}
        </ul>
      </div>
      <div className="notice-choices">
        <button type="button" className="button primary" disabled={phase.busy} onClick={allow}>
          {t('asks.allow')}
        </button>
        <button
          type="button"
          className="button"
          disabled={phase.busy}
          onClick={() => location.replace(asked.cancel_url)}
        >
          {t('asks.refuse')}
        </button>
      </div>
      {phase.failed && <p role="alert">{t('asks.failed')}</p>}
      <p className="contact">{t('asks.goes', { host: asked.host })}</p>
      <p className="contact">{t('asks.withdraw')}</p>
    </NoticePage>
  );
}

/** Whoever belongs to several organizations that have the app chooses the one to sign in with. */
function Others({ asked, onChoose }: { asked: Authorization; onChoose: (corpID: string) => void }) {
  if (asked.others.length === 0) {
    return null;
  }
  return (
    <div className="oauth-others">
      <p id="others">{t('asks.others')}</p>
      <ul aria-labelledby="others">
        {asked.others.map((one) => (
          <li key={one.corp_id}>
            <button type="button" className="button" onClick={() => onChoose(one.corp_id)}>
              {t('asks.other', { organization: one.organization_name, name: one.name })}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Why nobody may sign in, and the way back. */
function Refusal(props: { asked: Authorization; why: 'outside' | 'missing'; children?: ReactNode }) {
  const { asked, why } = props;
  const values = { app: asked.app_name, name: asked.person?.name ?? '' };
  const [title, text] =
    why === 'missing'
      ? [t('missing.title', values), t('missing.text', values)]
      : [t('outside.title', values), t('outside.text', values)];
  return (
    <NoticePage title={title} sign={<TriangleAlert size={40} strokeWidth={1.4} aria-hidden="true" />}>
      <p>{text}</p>
      {props.children}
      <button type="button" className="button" onClick={() => location.replace(asked.cancel_url)}>
        {t('outside.back', values)}
      </button>
    </NoticePage>
  );
}
