// Who uses the console, in which organization, and what they may open.

import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { keepContacts } from '../../shared/account/contact';
import { endSession, type Membership, memberships } from '../../shared/account/membership';
import { ask, client } from '../../shared/api/client';
import type { components } from '../../shared/api/schema.gen';
import { inZone } from '../../shared/words/time';
import { dropDrafts } from './drafts';

export type Me = components['schemas']['Me'];

export interface Session {
  /** The organizations this browser is signed in to. */
  memberships: readonly Membership[];
  /** The one that is shown. */
  current: Membership;
  me: Me;
}

const Shown = createContext<Session | null>(null);
export const SessionProvider = Shown.Provider;

/** The session; only within the frame, where somebody is signed in. */
export function useSession(): Session {
  const session = useContext(Shown);
  if (session === null) {
    throw new Error('no session');
  }
  return session;
}

/** The corp id that goes into every request's org. */
export function useOrg(): string {
  return useSession().current.corp_id;
}

export function useLoadedSession() {
  return useQuery({ queryKey: ['session'], queryFn: load, staleTime: 60_000 });
}

async function load({ signal }: { signal: AbortSignal }): Promise<Session> {
  const all = await memberships();
  keepContacts(all);
  const asked = new URLSearchParams(location.search).get('org');
  const current = all.find((m) => m.corp_id === asked) ?? all[0];
  if (!current) {
    return toSignIn();
  }
  const me = await ask(client.GET('/api/v1/me', { signal, params: { query: { org: current.corp_id } } }));
  inZone(me.time_zone);
  return { memberships: all, current, me };
}

/** Goes to the inbox's page, which signs people in, and comes back here. */
export function toSignIn(): Promise<never> {
  location.replace(`/?then=${encodeURIComponent(location.pathname + location.search)}`);
  return new Promise(() => undefined); // the page is gone
}

export async function signOut(session: Session): Promise<void> {
  await endSession(session.current.corp_id, 'current');
  await dropDrafts(session.current.corp_id, session.me.userid).catch(() => undefined); // a browser that keeps nothing has none
  location.assign('/');
}

/** Shows another organization: the page is loaded anew, so that nothing of this one stays. */
export function switchTo(corpID: string): void {
  location.assign(`/console?org=${encodeURIComponent(corpID)}`);
}
