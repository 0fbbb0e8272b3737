// Whom to ask who cannot sign in. A signed-out page cannot ask the server about
// its organization any more, so the browser keeps what it was told.

import { ask, client } from '../api/client';
import type { components } from '../api/schema.gen';
import type { Membership } from './membership';

const prefix = 'tidings.contact.';

export function keepContacts(memberships: readonly Membership[]): void {
  for (const m of memberships) {
    if (m.contact === '') {
      localStorage.removeItem(prefix + m.corp_id);
    } else {
      localStorage.setItem(prefix + m.corp_id, m.contact);
    }
  }
}

/** The contact of an organization the reader has been in: of the one named, else of the only one. */
export function keptContact(corpID: string | null): string {
  if (corpID !== null) {
    return localStorage.getItem(prefix + corpID) ?? '';
  }
  const known = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return known.length === 1 ? (localStorage.getItem(known[0] as string) ?? '') : '';
}

export type SignInHelp = components['schemas']['SignInHelp'];

/** The contact of the server's only organization, empty where it has several, and whether there is none yet. */
export function signInHelp(): Promise<SignInHelp> {
  return ask(client.GET('/api/v1/sign-in-help'));
}
