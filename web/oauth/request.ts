// What a program asks for, in the page's address, and what becomes of it.

import { ask, client } from '../shared/api/client';
import type { components } from '../shared/api/schema.gen';

export type Request = components['schemas']['AuthorizationRequest'];
export type Authorization = components['schemas']['Authorization'];

const names = ['scope', 'state', 'prompt', 'code_challenge', 'code_challenge_method'] as const;

/** The pages of the older way, which asks for an sns code and calls the app appid. */
const older = ['/connect/qrconnect', '/connect/oauth2/sns_authorize'];

/**
 * The request in an address. A parameter that is there twice counts as none: two
 * readers could read two requests.
 */
export function requestIn(place: Pick<Location, 'pathname' | 'search'>): Request {
  const query = new URLSearchParams(place.search);
  const sns = older.includes(place.pathname);
  const one = (name: string) => {
    const all = query.getAll(name);
    return all.length === 1 ? (all[0] as string) : '';
  };
  const request: Request = {
    client_id: one(sns ? 'appid' : 'client_id'),
    redirect_uri: one('redirect_uri'),
    response_type: one('response_type'),
  };
  if (sns) {
    request.kind = 'sns';
  }
  for (const name of sns ? (['scope', 'state'] as const) : names) {
    const value = one(name);
    if (value !== '') {
      request[name] = value;
    }
  }
  return request;
}

/** corpID: of several organizations that have a third-party app, the one to sign in with. */
export function asked(request: Request, corpID = ''): Promise<Authorization> {
  const body = corpID === '' ? request : { ...request, corp_id: corpID };
  return ask(client.POST('/api/v1/authorizations/describe', { body }));
}

/** Says yes, and returns where the browser goes on to. */
export async function authorize(request: Request, corpID: string): Promise<string> {
  const params = { query: { org: corpID } };
  return (await ask(client.POST('/api/v1/authorizations', { body: request, params }))).redirect_url;
}

/** The inbox's page for who is not signed in, which leads back here; "" where whichever organization will do. */
export function signInPage(corpID: string): string {
  const query = new URLSearchParams();
  if (corpID !== '') {
    query.set('org', corpID);
  }
  query.set('then', location.pathname + location.search);
  return `/?${query}`;
}
