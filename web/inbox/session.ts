// Who is signed in, and signing in and out.

import { ask, client } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';

/** One organization this browser is signed in to, and as whom. */
export type Membership = components['schemas']['Membership'];
/** One place where the reader is signed in. */
export type Session = components['schemas']['Session'];

/** The organizations this browser is signed in to. Refused with 401 for none. */
export async function memberships(): Promise<Membership[]> {
  return (await ask(client.GET('/api/v1/me/organizations'))).items;
}

/**
 * The sign-in link in the page's address, if it has one. It stands in the
 * fragment, which is never sent; it is taken out so that it stays in no
 * history.
 */
export function takeSignInLink(): string | null {
  const link = new URLSearchParams(location.hash.slice(1)).get('sign-in');
  if (link !== null) {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return link;
}

/** Signs in with a link; returns the organization's corp id. Refused with 401 for a link that is not good (any more). */
export async function signIn(link: string): Promise<string> {
  return (await ask(client.POST('/api/v1/sessions', { body: { link } }))).corp_id;
}

export async function sessions(corpID: string): Promise<Session[]> {
  return (await ask(client.GET('/api/v1/sessions', { params: { query: { org: corpID } } }))).items;
}

export async function endSession(corpID: string, id: string): Promise<void> {
  await ask(client.DELETE('/api/v1/sessions/{id}', { params: { path: { id }, query: { org: corpID } } }));
}
