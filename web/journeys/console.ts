// What the journeys of the console begin with.

import type { Page } from '@playwright/test';
import type { Organization, Person } from './tidings';

/** Somebody of an organization who has a role. */
export function withRole(organization: Organization, role: string, n = 0): Person {
  const people = organization.users.filter((u) => u.roles.includes(role));
  const one = people[n];
  if (!one) {
    throw new Error(`${people.length} people have the role ${role}`);
  }
  return one;
}

/**
 * Notes what must not happen on a page: an error that the browser reports, such
 * as a violation of the policy, and a request to another host.
 */
export function watched(page: Page, base: string): string[] {
  const seen: string[] = [];
  page.on('console', (m) => {
    // A refusal is no mistake of the page.
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) {
      seen.push(m.text());
    }
  });
  page.on('pageerror', (e) => seen.push(String(e)));
  page.on('request', (r) => {
    if (!r.url().startsWith(base)) {
      seen.push(r.url());
    }
  });
  return seen;
}
