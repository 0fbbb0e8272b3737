// What a program asks for, in the page's address, and what becomes of it.

import { ask, client } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';

export type Request = components['schemas']['AuthorizationRequest'];
export type Authorization = components['schemas']['Authorization'];

const names = ['scope', 'state', 'prompt', 'code_challenge', 'code_challenge_method'] as const;

/**
 * The request in a query. A parameter that is there twice counts as none: two
 * readers could read two requests.
 */
export function requestIn(search: string): Request {
  const query = new URLSearchParams(search);
  const one = (name: string) => {
    const all = query.getAll(name);
    return all.length === 1 ? (all[0] as string) : '';
  };
  const request: Request = {
    client_id: one('client_id'),
    redirect_uri: one('redirect_uri'),
    response_type: one('response_type'),
  };
  for (const name of names) {
    const value = one(name);
    if (value !== '') {
      request[name] = value;
    }
  }
  return request;
}

export function asked(request: Request): Promise<Authorization> {
  return ask(client.POST('/api/v1/authorizations/describe', { body: request }));
}

/** Says yes, and returns where the browser goes on to. */
export async function authorize(request: Request, corpID: string): Promise<string> {
  const params = { query: { org: corpID } };
  return (await ask(client.POST('/api/v1/authorizations', { body: request, params }))).redirect_url;
}

/** The inbox's page for who is not signed in, which leads back here. */
export function signInPage(corpID: string): string {
  const query = new URLSearchParams();
  query.set('org', corpID);
  query.set('then', location.pathname + location.search);
  return `/?${query}`;
}
