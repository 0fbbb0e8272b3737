// Who is signed in, and signing in and out.

import { ask, client, Refused } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';

/** One place where the reader is signed in. */
export type Session = components['schemas']['Session'];

/**
 * The sign-in link in the page's address, if it has one. It stands in the
 * fragment, which is never sent; it is taken out so that it stays in no
 * history.
 */
export function takeSignInLink(): string | null {
  // To the letter: cards do not open such an address, and need not guess which others are read as one.
  const link = /^#sign-in=(.*)$/.exec(location.hash)?.[1] ?? null;
  if (link !== null) {
    history.replaceState(null, '', location.pathname + location.search);
  }
  return link;
}

/** What a sign-in link would do, and who is signed in now. */
export type Offer = components['schemas']['SignInOffer'];

/** What became of a sign-in link. */
export type Arrival =
  | { to: 'in'; corpID: string }
  /** Somebody else is signed in to the link's organization: the reader is asked, and the link is not used yet. */
  | { to: 'ask'; offer: Offer }
  /** The link is not good (any more). */
  | { to: 'refused' };

/**
 * Signs in with a link. Whoever is signed in to its organization as somebody
 * else is replaced only when the reader has said so.
 */
export async function signIn(link: string, replace: boolean): Promise<Arrival> {
  try {
    const { corp_id } = await ask(client.POST('/api/v1/sessions', { body: { link, replace } }));
    return { to: 'in', corpID: corp_id };
  } catch (e) {
    if (e instanceof Refused && e.code === 'signed_in_as_other') {
      return { to: 'ask', offer: await ask(client.POST('/api/v1/sign-in-links/describe', { body: { link } })) };
    }
    if (e instanceof Refused && (e.status === 401 || e.status === 400)) {
      return { to: 'refused' };
    }
    throw e;
  }
}

/** The link's value in what somebody pasted: the address, or the value alone. */
export function pastedLink(text: string): string | null {
  return /tdl_[0-9a-z_]+/.exec(text)?.[0] ?? null;
}

export async function sessions(corpID: string): Promise<Session[]> {
  return (await ask(client.GET('/api/v1/sessions', { params: { query: { org: corpID } } }))).items;
}

/** One of the reader's API tokens, without its value. */
export type Token = components['schemas']['Token'];

/** The API tokens that can still be used. */
export async function tokens(corpID: string): Promise<Token[]> {
  const all = (await ask(client.GET('/api/v1/tokens', { params: { query: { org: corpID } } }))).items;
  return all.filter((token) => token.revoked_at === null && Date.parse(token.expires_at) > Date.now());
}

/** What the reader has allowed a program to be told. */
export type Consent = components['schemas']['Consent'];

export async function consents(corpID: string): Promise<Consent[]> {
  return (await ask(client.GET('/api/v1/consents', { params: { query: { org: corpID } } }))).items;
}

/** Ends what a program was allowed, and every sign-in to it. */
export async function withdraw(corpID: string, id: string): Promise<void> {
  await ask(client.DELETE('/api/v1/consents/{id}', { params: { path: { id }, query: { org: corpID } } }));
}

export async function revokeToken(corpID: string, id: string): Promise<void> {
  await ask(client.DELETE('/api/v1/tokens/{id}', { params: { path: { id }, query: { org: corpID } } }));
}
