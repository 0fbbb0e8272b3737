// The page that makes the installation's first organization: its setup link is
// looked at first, and the form is shown to whoever has a good one.

import { CircleCheck, KeyRound, TriangleAlert } from 'lucide-react';
import {
  type FormEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { Refused } from '../shared/api/client';
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
        <p className="setup-loading" role="status">
          {t('loading')}
        </p>
      );
    case 'failed':
      return (
        <Page key="failed" title={t(`failed.${phase.why}.title`)} sign={<TriangleAlert {...sign} />}>
          <p>{t(`failed.${phase.why}.text`)}</p>
          <button type="button" className="button primary" onClick={() => void begin()}>
            {t('retry')}
          </button>
        </Page>
      );
    case 'needs': {
      const why = phase.gone ? 'gone' : 'none';
      return (
        <Page key={why} title={t(`needs.${why}.title`)} sign={<KeyRound {...sign} />}>
          <p>{t(`needs.${why}.text`)}</p>
          <PasteLink
            onToken={(token) => {
              keepToken(token);
              void begin();
            }}
          />
          <p className="contact">
            {t('needs.another')} <code>tidings admin setup-link</code>
          </p>
        </Page>
      );
    }
    case 'form':
      return <Form token={phase.token} onStanding={(at) => arrived(at, phase.token)} />;
    case 'done':
      return (
        <Page key="done" title={t('done.title')} sign={<CircleCheck {...sign} />}>
          <p>{t('done.text')}</p>
          <a className="button primary" href="/">
            {t('done.go')}
          </a>
          <p className="contact">
            {t('done.link')} <code>tidings admin sign-in-link USERID</code>
          </p>
        </Page>
      );
  }
}

/** The address may have come to another device than the one that opens the page. */
function PasteLink(props: { onToken: (token: string) => void }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const field = useId();
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const token = tokenIn(text);
    setWrong(token === null);
    if (token !== null) {
      props.onToken(token);
    }
  };
  return (
    <form className="paste" onSubmit={submit} noValidate>
      <label htmlFor={field}>{t('needs.label')}</label>
      <div className="paste-row">
        <input
          id={field}
          type="text"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={`${location.origin}/setup#tdi_…`}
          value={text}
          aria-invalid={wrong}
          aria-describedby={wrong ? `${field}-wrong` : undefined}
          onInput={(e) => setText(e.currentTarget.value)}
        />
        <button type="submit" className="button primary">
          {t('needs.go')}
        </button>
      </div>
      {wrong && (
        <p className="paste-wrong" id={`${field}-wrong`} role="alert">
          {t('needs.wrong')}
        </p>
      )}
    </form>
  );
}

function Page(props: { title: string; sign: ReactNode; children: ReactNode }) {
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []); // read aloud
  return (
    <main className="notice">
      {props.sign}
      <h1 tabIndex={-1} ref={title}>
        {props.title}
      </h1>
      {props.children}
    </main>
  );
}
