// Where the reader is, kept in the page's address so that a reload and a
// bookmark lead back, and how far they had come, kept by the browser.

export interface Place {
  corpID: string | null;
  agent: string | null;
}

const signInPath = /^\/o\/([^/]*)/;

/** Whether this is an organization's page for signing in: /o/CORPID. */
export function isSignInPage(): boolean {
  return signInPath.test(location.pathname);
}

export function place(): Place {
  const query = new URLSearchParams(location.search);
  const corpID = query.get('org') ?? (signInPath.exec(location.pathname)?.[1] || null);
  return { corpID, agent: /^[0-9]+$/.exec(query.get('app') ?? '')?.[0] ?? null };
}

/** Writes a place into the address: as another entry of the history, to which Back leads, or in place of this one. */
export function go(to: Place, how: 'push' | 'replace' = 'replace'): void {
  const query = new URLSearchParams();
  if (to.corpID !== null) {
    query.set('org', to.corpID);
  }
  if (to.agent !== null) {
    query.set('app', to.agent);
  }
  const text = query.toString();
  const address = text ? `/?${text}` : '/';
  // What is open over the page closes with it, and its entry becomes this place's.
  if (how === 'push' && !history.state?.over) {
    history.pushState(null, '', address);
  } else {
    history.replaceState(null, '', address);
  }
}

/**
 * Where the reader goes on to once signed in, if another page of ours sent them
 * here to sign in: /?then=/console/reviews, or the page on which one signs in to
 * a program. Nothing else is gone to.
 */
export function onward(): string | null {
  const then = new URLSearchParams(location.search).get('then');
  if (then === null) {
    return null;
  }
  const to = new URL(then, location.origin);
  return to.origin === location.origin && /^\/(console(\/|$)|oauth2\/(auth|challenge\.htm)$)/.test(to.pathname)
    ? to.pathname + to.search
    : null;
}

const kept = 'tidings.organization';

/** The organization that was shown last in this browser: whoever comes back without an address finds its page for signing in. */
export function keptOrganization(): string | null {
  return localStorage.getItem(kept);
}

export function keepOrganization(corpID: string): void {
  localStorage.setItem(kept, corpID);
}

/** Whether another page of ours sent the reader here because their session has ended. */
export function sentAsEnded(): boolean {
  return onward() !== null && new URLSearchParams(location.search).has('ended');
}

const seen = (corpID: string, userid: string) => `tidings.seen.${corpID}.${userid}`;

/** The newest revision of the last visit; 0 if there was none. */
export function lastSeen(corpID: string, userid: string): number {
  return Number(localStorage.getItem(seen(corpID, userid)) ?? 0) || 0;
}

export function keepSeen(corpID: string, userid: string, revision: number): void {
  if (revision > lastSeen(corpID, userid)) {
    localStorage.setItem(seen(corpID, userid), String(revision));
  }
}
