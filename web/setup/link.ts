// The setup link of the page's address, and what becomes of it.

import { signInHelp } from '../shared/account/contact';
import { ask, client, Refused } from '../shared/api/client';

const key = 'tidings.setup';

/** The token in a text: the link's address, or the token alone. */
export function tokenIn(text: string): string | null {
  return /tdi_[a-z2-7]{26}\b/.exec(text.toLowerCase())?.[0] ?? null;
}

/**
 * The token in the page's address. It is taken out, so that it stays in no
 * history, and kept as long as the tab is open: a reload loses nothing.
 */
export function takeToken(): string | null {
  const found = tokenIn(location.hash);
  if (location.hash !== '') {
    history.replaceState(null, '', location.pathname);
  }
  return found === null ? sessionStorage.getItem(key) : keepToken(found);
}

export function keepToken(token: string): string {
  sessionStorage.setItem(key, token);
  return token;
}

export function dropToken(): void {
  sessionStorage.removeItem(key);
}

/** Whether a link can be used; done when there is an organization, whatever the link. */
export type Standing = 'good' | 'gone' | 'done';

export async function standing(token: string): Promise<Standing> {
  try {
    await ask(client.POST('/api/v1/setup/describe', { body: { token } }));
    return 'good';
  } catch (e) {
    return standingOf(e);
  }
}

/** What a refusal says of the link; another failure is thrown again. */
export function standingOf(e: unknown): Standing {
  if (e instanceof Refused && e.code === 'setup_done') {
    return 'done';
  }
  if (e instanceof Refused && e.status === 401) {
    return 'gone';
  }
  throw e;
}

/** Whether the server still waits for its first organization. */
export async function isWaiting(): Promise<boolean> {
  return (await signInHelp()).setup;
}

/** What the form asks for, as the API calls it. */
export interface Answers {
  organization: string;
  name: string;
  userid: string;
  time_zone: string;
}

/** Makes the organization and its owner, who is signed in then. */
export async function setUp(token: string, answers: Answers): Promise<void> {
  await ask(client.POST('/api/v1/setup', { body: { token, ...answers } }));
}

/** The time zones that the browser knows, and the one that its reader is in. */
export function timeZones(): { all: string[]; own: string } {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { all: [...new Set([own, ...Intl.supportedValuesOf('timeZone')])].sort(), own };
}
