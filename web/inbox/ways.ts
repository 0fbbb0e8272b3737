// Signing in with an account of elsewhere: what an organization offers, the way to
// its provider, and what the way back says when it came to nothing.

import { ask, client } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';
import { isSignInPage, onward, place } from './place';

/** Something that people sign in with, such as the company's accounts. */
export type Way = components['schemas']['SignInWay'];

/**
 * What people of an organization sign in with; without one, what those of the
 * server's only organization do. Nobody can tell an organization that is not
 * there from one that offers nothing.
 */
export async function waysOf(corpID: string | null): Promise<Way[]> {
  return (await ask(client.GET('/api/v1/sign-in', { params: { query: corpID === null ? {} : { org: corpID } } })))
    .sources;
}

/** Sends the browser to a provider, which sends it back. */
export async function goTo(way: Way, returnTo: string): Promise<void> {
  const { url } = await ask(
    client.POST('/api/v1/sign-in/begin', { body: { source: way.source, return_to: returnTo } }),
  );
  location.assign(url);
}

/** Where the reader goes once signed in. */
export function wanted(refusal: Refusal | null): string {
  const { corpID, agent } = place();
  const query = new URLSearchParams(corpID === null ? {} : { org: corpID });
  if (agent !== null) {
    query.set('app', agent);
  }
  return refusal?.returnTo || (onward() ?? (query.size > 0 ? `/?${query}` : '/'));
}

const codes = [
  'signin_refused',
  'signin_expired',
  'signin_elsewhere',
  'signin_source_down',
  'signin_off',
  'signin_throttled',
  'signin_waiting',
] as const;

/** Why somebody who came back from a provider is not signed in. */
export interface Refusal {
  /** other: the server failed, and says that its way. */
  code: (typeof codes)[number] | 'other';
  /** Of signin_throttled: how long to wait. */
  minutes: number;
  /** Where they were to sign in. */
  source: string;
  /** Of signin_waiting: who they are there, and the code for the administrator. */
  shown: string;
  ref: string;
  /** Where they were going. */
  returnTo: string;
}

/** The refusal in the page's address, which is taken out of it: a reload begins anew. */
export function takeRefusal(): Refusal | null {
  const said = new URLSearchParams(location.hash.slice(1));
  const [name] = said.keys();
  if (!isSignInPage() || name === undefined || !/^[a-z_]+$/.test(name)) {
    return null;
  }
  history.replaceState(history.state, '', location.pathname + location.search);
  const text = (key: string) => (said.get(key) ?? '').slice(0, 256);
  return {
    code: codes.find((one) => one === name) ?? 'other',
    minutes: Math.max(1, Number.parseInt(text('minutes'), 10) || 1),
    source: text('source'),
    shown: text('shown'),
    ref: text('ref'),
    returnTo: said.get('return_to') ?? '',
  };
}
