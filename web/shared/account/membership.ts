// Which organizations a browser is signed in to, and signing out of one.

import { ask, client } from '../api/client';
import type { components } from '../api/schema.gen';

/** One organization this browser is signed in to, and as whom. */
export type Membership = components['schemas']['Membership'];

/** The organizations this browser is signed in to. Refused with 401 for none. */
export async function memberships(): Promise<Membership[]> {
  return (await ask(client.GET('/api/v1/me/organizations'))).items;
}

export async function endSession(corpID: string, id: string): Promise<void> {
  await ask(client.DELETE('/api/v1/sessions/{id}', { params: { path: { id }, query: { org: corpID } } }));
}
