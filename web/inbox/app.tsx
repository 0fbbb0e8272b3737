// The page: signed in or not, and to which organization.

import { useCallback, useEffect, useState } from 'react';
import { Refused } from '../shared/api/client';
import type { Follow } from '../shared/live/follow';
import { t, useLanguage } from '../shared/words';
import { Account } from './account';
import { Chat } from './chat';
import { Notice, Skeleton } from './notice';
import { go, place } from './place';
import { endSession, type Membership, memberships, signIn, takeSignInLink } from './session';

type Phase =
  | { kind: 'loading' }
  | { kind: 'out'; why: 'none' | 'link' | 'ended' | 'left' }
  | { kind: 'failed' }
  | { kind: 'in'; memberships: readonly Membership[]; current: Membership };

export function App({ follow }: { follow: Follow }) {
  useLanguage();
  const [phase, setPhase] = useState<Phase>({ kind: 'loading' });
  const enter = useCallback(async (corpID: string | null, why: 'none' | 'ended' | 'left') => {
    try {
      const all = await memberships();
      const current = all.find((m) => m.corp_id === corpID) ?? all[0];
      if (!current) {
        setPhase({ kind: 'out', why });
        return;
      }
      const asked = place();
      if (current.corp_id !== asked.corpID) {
        go({ corpID: current.corp_id, agent: asked.corpID === null ? asked.agent : null });
      }
      setPhase({ kind: 'in', memberships: all, current });
    } catch (e) {
      setPhase(e instanceof Refused && e.status === 401 ? { kind: 'out', why } : { kind: 'failed' });
    }
  }, []);
  const begin = useCallback(() => {
    setPhase({ kind: 'loading' });
    const link = takeSignInLink();
    if (link === null) {
      void enter(place().corpID, 'none');
      return;
    }
    signIn(link).then(
      // Loaded anew: the page's policy names the hosts this organization trusts.
      (corpID) => {
        go({ corpID, agent: null });
        location.reload();
      },
      (e) => setPhase(e instanceof Refused && e.status === 401 ? { kind: 'out', why: 'link' } : { kind: 'failed' }),
    );
  }, [enter]);
  useEffect(() => {
    begin();
    addEventListener('hashchange', begin); // another sign-in link, opened in this tab
    return () => removeEventListener('hashchange', begin);
  }, [begin]);

  switch (phase.kind) {
    case 'loading':
      return <Skeleton label={t('loading')} />;
    case 'failed':
      return (
        <Notice title={t('failed.title')} text={t('failed.text')}>
          <button type="button" className="button primary" onClick={begin}>
            {t('retry')}
          </button>
        </Notice>
      );
    case 'out':
      return <Notice title={t(`out.${phase.why}.title`)} text={t(`out.${phase.why}.text`)} />;
    case 'in':
      return <SignedIn phase={phase} follow={follow} enter={enter} setPhase={setPhase} />;
  }
}

function SignedIn(props: {
  phase: Extract<Phase, { kind: 'in' }>;
  follow: Follow;
  enter: (corpID: string | null, why: 'none' | 'ended' | 'left') => Promise<void>;
  setPhase: (phase: Phase) => void;
}) {
  const { phase, enter, setPhase } = props;
  const { current } = phase;
  // The other organizations are still there.
  const ended = useCallback(() => void enter(null, 'ended'), [enter]);
  const signOut = () => {
    endSession(current.corp_id, 'current').then(
      () => enter(null, 'left'),
      () => setPhase({ kind: 'failed' }),
    );
  };
  return (
    <Chat
      key={current.corp_id}
      membership={current}
      follow={props.follow}
      onEnded={ended}
      account={
        <Account
          memberships={phase.memberships}
          current={current}
          onSwitch={(corpID) => {
            go({ corpID, agent: null });
            void enter(corpID, 'none');
          }}
          onSignOut={signOut}
        />
      }
    />
  );
}
