// Who uses the console, in which organization, and what they may open.

import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { keepContacts } from '../../shared/account/contact';
import { endSession, type Membership, memberships } from '../../shared/account/membership';
import { ask, client } from '../../shared/api/client';
import type { components } from '../../shared/api/schema.gen';
import { inZone } from '../../shared/words/time';
import { draftsKept, dropDrafts } from './drafts';

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

let shown: string | null = null; // the corp id of the organization
let leaves: 'signIn' | 'out' | null = null; // where the page is on its way to

async function load({ signal }: { signal: AbortSignal }): Promise<Session> {
  const all = await memberships();
  keepContacts(all);
  const asked = shown ?? new URLSearchParams(location.search).get('org');
  const current = asked === null ? all[0] : all.find((m) => m.corp_id === asked); // never another one in silence
  if (!current) {
    return toSignIn();
  }
  const me = await ask(client.GET('/api/v1/me', { signal, params: { query: { org: current.corp_id } } }));
  inZone(me.time_zone);
  shown = current.corp_id;
  return { memberships: all, current, me };
}

/**
 * Goes to the inbox's page, which signs people in, and comes back here. Where somebody
 * was signed in, it says that their session has ended.
 */
export async function toSignIn(): Promise<never> {
  if (leaves !== null) {
    return gone();
  }
  leaves = 'signIn';
  await draftsKept();
  const query = new URLSearchParams([['then', location.pathname + location.search]]);
  const org = shown ?? new URLSearchParams(location.search).get('org');
  if (org !== null) {
    query.set('org', org);
  }
  if (shown !== null) {
    query.set('ended', '');
  }
  location.replace(`/?${query}`);
  return gone();
}

/** The page is gone before anything comes of it. */
function gone(): Promise<never> {
  return new Promise(() => undefined);
}

/** Whether the page is on its way to signing in: what the browser keeps is offered again afterwards. */
export function leavesToSignIn(): boolean {
  return leaves === 'signIn';
}

export async function signOut(session: Session): Promise<void> {
  leaves = 'out'; // that the session is over is no news then
  try {
    await endSession(session.current.corp_id, 'current');
  } catch (e) {
    leaves = null;
    throw e;
  }
  await dropDrafts(session.current.corp_id, session.me.userid).catch(() => undefined); // a browser that keeps nothing has none
  location.assign('/');
}

/** Shows another organization: the page is loaded anew, so that nothing of this one stays. */
export function switchTo(corpID: string): void {
  location.assign(`/console?org=${encodeURIComponent(corpID)}`);
}
