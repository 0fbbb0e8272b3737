// The page: signed in or not, and to which organization.

import { useCallback, useEffect, useRef, useState } from 'react';
import { keepContacts, keptContact } from '../shared/account/contact';
import { endSession, type Membership, memberships } from '../shared/account/membership';
import { Refused } from '../shared/api/client';
import type { Follow } from '../shared/live/follow';
import { t, useLanguage } from '../shared/words';
import { Account } from './account';
import { Chat } from './chat';
import { useHealing } from './heal';
import { Notice, Skeleton } from './notice';
import { SignedOut, Switching, type Why } from './outside';
import { go, isSignInPage, keepOrganization, keptOrganization, onward, place, sentAsEnded } from './place';
import { type Offer, signIn, takeSignInLink } from './session';
import { type Refusal, takeRefusal, type Way, waysOf } from './ways';

type Phase =
  | { kind: 'loading' }
  | { kind: 'out'; why: Why; refusal: Refusal | null; ways: readonly Way[]; contact: string }
  | { kind: 'ask'; link: string; offer: Offer }
  | { kind: 'failed' }
  | { kind: 'in'; memberships: readonly Membership[]; current: Membership; said: string };

export function App({ follow }: { follow: Follow }) {
  useLanguage();
  const [phase, setPhase] = useState<Phase>({ kind: 'loading' });
  const was = useRef<Membership>(null); // of the organization that was shown last
  const refusal = useRef<Refusal>(null); // of the provider that the reader comes back from
  const enter = useCallback(async (corpID: string | null, why: Why, contact?: string) => {
    const stayOut = async () => {
      const offered = await waysOf(corpID ?? keptOrganization()).catch(() => []); // a link works without
      setPhase({ kind: 'out', why, refusal: refusal.current, ways: offered, contact: contact ?? keptContact(corpID) });
    };
    try {
      const all = await memberships();
      keepContacts(all);
      const current = all.find((m) => m.corp_id === corpID) ?? all[0];
      const sentFrom = onward();
      // Another organization is of no use to who was sent here, or asks for this one's page.
      const fits = current?.corp_id === corpID || corpID === null || !(sentFrom !== null || isSignInPage());
      if (!current || !fits) {
        await stayOut();
        return;
      }
      keepOrganization(current.corp_id);
      if (sentFrom !== null || isSignInPage()) {
        location.replace(sentFrom ?? `/?${new URLSearchParams({ org: current.corp_id })}`);
        return;
      }
      const asked = place();
      if (current.corp_id !== asked.corpID) {
        go({ corpID: current.corp_id, agent: asked.corpID === null ? asked.agent : null });
      }
      const landed = why === 'ended' || (corpID !== null && current.corp_id !== corpID);
      const said =
        why === 'link'
          ? t('usedLink', { name: current.user_name })
          : landed
            ? toldOf(why === 'ended' ? (was.current?.name ?? '') : '', current.name)
            : '';
      was.current = current;
      setPhase({ kind: 'in', memberships: all, current, said });
    } catch (e) {
      if (e instanceof Refused && e.status === 401) {
        await stayOut();
        return;
      }
      setPhase({ kind: 'failed' });
    }
  }, []);
  const arrive = useCallback(
    async (link: string, replace: boolean) => {
      setPhase({ kind: 'loading' });
      try {
        const arrival = await signIn(link, replace);
        if (arrival.to === 'in') {
          // Loaded anew: the page's policy names the hosts this organization trusts.
          const sentFrom = onward();
          if (sentFrom !== null) {
            location.replace(sentFrom);
            return;
          }
          go({ corpID: arrival.corpID, agent: null });
          location.reload();
        } else if (arrival.to === 'ask') {
          setPhase({ kind: 'ask', link, offer: arrival.offer });
        } else {
          await enter(place().corpID, 'link'); // whoever is signed in needs no link
        }
      } catch {
        setPhase({ kind: 'failed' });
      }
    },
    [enter],
  );
  const begin = useCallback(() => {
    const link = takeSignInLink();
    if (link === null) {
      refusal.current = takeRefusal() ?? refusal.current;
      setPhase({ kind: 'loading' });
      void enter(place().corpID, sentAsEnded() ? 'ended' : 'none');
      return;
    }
    void arrive(link, false);
  }, [enter, arrive]);
  useEffect(() => {
    begin();
    addEventListener('hashchange', begin); // another sign-in link, opened in this tab
    return () => removeEventListener('hashchange', begin);
  }, [begin]);

  useEffect(() => {
    // At once, not when it is drawn: one may go back and forth quickly.
    const popped = () => {
      const { corpID } = place();
      if (was.current && corpID !== null && corpID !== was.current.corp_id) {
        void enter(corpID, 'none');
      }
    };
    addEventListener('popstate', popped);
    return () => removeEventListener('popstate', popped);
  }, [enter]);
  useHealing(phase.kind === 'failed', () => void enter(place().corpID, 'none'));

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
      return (
        <SignedOut
          key={phase.refusal?.code ?? phase.why}
          why={phase.why}
          refusal={phase.refusal}
          ways={phase.ways}
          contact={phase.contact}
          onLink={(link) => void arrive(link, false)}
          onGone={() => void enter(place().corpID, phase.why)}
        />
      );
    case 'ask':
      return (
        <Switching
          offer={phase.offer}
          onStay={() => void enter(phase.offer.link.corp_id, 'none')}
          onSwitch={() => void arrive(phase.link, true)}
        />
      );
    case 'in':
      return <SignedIn phase={phase} follow={follow} enter={enter} setPhase={setPhase} />;
  }
}

// Nobody lands in another organization in silence.
function toldOf(ended: string, now: string): string {
  return ended === '' ? t('elsewhere.unknown', { now }) : t('elsewhere.ended', { ended, now });
}

function SignedIn(props: {
  phase: Extract<Phase, { kind: 'in' }>;
  follow: Follow;
  enter: (corpID: string | null, why: Why, contact?: string) => Promise<void>;
  setPhase: (phase: Phase) => void;
}) {
  const { phase, enter, setPhase } = props;
  const { current } = phase;
  // The other organizations are still there.
  const ended = useCallback(() => void enter(null, 'ended', current.contact), [enter, current.contact]);
  const signOut = () => {
    endSession(current.corp_id, 'current').then(
      () => enter(null, 'left', current.contact),
      () => setPhase({ kind: 'failed' }),
    );
  };
  return (
    <Chat
      key={current.corp_id}
      membership={current}
      follow={props.follow}
      onEnded={ended}
      said={phase.said}
      account={
        <Account
          memberships={phase.memberships}
          current={current}
          onSwitch={(corpID) => {
            go({ corpID, agent: null }, 'push');
            void enter(corpID, 'none');
          }}
          onSignOut={signOut}
        />
      }
    />
  );
}
