// The page that makes the installation's first organization: its setup link is
// looked at first, and the form is shown to whoever has a good one.

import { CircleCheck, KeyRound, TriangleAlert } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { PasteLink } from '../shared/account/pastelink';
import { Refused } from '../shared/api/client';
import { NoticePage } from '../shared/look/noticepage';
import { t, useLanguage } from '../shared/words';
import { Form } from './form';
import { dropToken, isWaiting, keepToken, type Standing, standing, takeToken, tokenIn } from './link';

type Phase =
  | { kind: 'loading' }
  | { kind: 'failed'; why: 'unreachable' | 'throttled' }
  /** Nobody has a link here, or the one that was here does not work (any more). */
  | { kind: 'needs'; gone: boolean }
  | { kind: 'form'; token: string }
  /** There is an organization. */
  | { kind: 'done' };

const sign = { size: 40, strokeWidth: 1.4, 'aria-hidden': true } as const;

export function App() {
  useLanguage();
  const [phase, setPhase] = useState<Phase>({ kind: 'loading' });
  const arrived = useCallback((at: Standing, token: string) => {
    if (at === 'good') {
      setPhase({ kind: 'form', token });
      return;
    }
    dropToken();
    setPhase(at === 'done' ? { kind: 'done' } : { kind: 'needs', gone: true });
  }, []);
  const begin = useCallback(async () => {
    setPhase({ kind: 'loading' });
    try {
      const token = takeToken();
      if (token !== null) {
        arrived(await standing(token), token);
        return;
      }
      setPhase((await isWaiting()) ? { kind: 'needs', gone: false } : { kind: 'done' });
    } catch (e) {
      setPhase({ kind: 'failed', why: e instanceof Refused && e.status === 429 ? 'throttled' : 'unreachable' });
    }
  }, [arrived]);
  useEffect(() => {
    const again = () => {
      if (location.hash !== '') {
        void begin(); // another link, opened in this tab
      }
    };
    void begin();
    addEventListener('hashchange', again);
    return () => removeEventListener('hashchange', again);
  }, [begin]);

  switch (phase.kind) {
    case 'loading':
      return (
        <p className="page-loading" role="status">
          {t('loading')}
        </p>
      );
    case 'failed':
      return (
        <NoticePage key="failed" title={t(`failed.${phase.why}.title`)} sign={<TriangleAlert {...sign} />}>
          <p>{t(`failed.${phase.why}.text`)}</p>
          <button type="button" className="button primary" onClick={() => void begin()}>
            {t('retry')}
          </button>
        </NoticePage>
      );
    case 'needs': {
      const why = phase.gone ? 'gone' : 'none';
      return (
        <NoticePage key={why} title={t(`needs.${why}.title`)} sign={<KeyRound {...sign} />}>
          <p>{t(`needs.${why}.text`)}</p>
          <PasteLink
            label={t('needs.label')}
            example={`${location.origin}/setup#tdi_…`}
            go={t('needs.go')}
            wrong={t('needs.wrong')}
            read={tokenIn}
            onLink={(token) => {
              keepToken(token);
              void begin();
            }}
          />
          <p className="contact">
            {t('needs.another')} <code>tidings admin setup-link</code>
          </p>
        </NoticePage>
      );
    }
    case 'form':
      return <Form token={phase.token} onStanding={(at) => arrived(at, phase.token)} />;
    case 'done':
      return (
        <NoticePage key="done" title={t('done.title')} sign={<CircleCheck {...sign} />}>
          <p>{t('done.text')}</p>
          <a className="button primary" href="/">
            {t('done.go')}
          </a>
          <p className="contact">
            {t('done.link')} <code>tidings admin sign-in-link USERID</code>
          </p>
        </NoticePage>
      );
  }
}
