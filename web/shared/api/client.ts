// Our own API, typed by its own description (schema.gen.ts is generated from
// /api/v1/openapi.json).

import createClient from 'openapi-fetch';
import type { components, paths } from './schema.gen';

export type Item = components['schemas']['Item'];
export type Body = components['schemas']['Body'];
export type Sender = components['schemas']['AppView'];
export type Problem = components['schemas']['Problem'];

/** A refusal, or a failure to reach the server: then status is 0. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly problem?: Problem,
  ) {
    super(detail);
  }
}

const client = createClient<paths>({ baseUrl: location.origin, cache: 'no-store' });

/** What a request was answered: data, or where it was refused a problem. */
export interface Answer<T> {
  data?: T | undefined;
  error?: Problem | undefined;
  response: Response;
}

/** The answer's data, or the refusal as an exception. */
async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (e) {
    throw new Refused(0, 'unreachable', String(e));
  }
  if (!answer.response.ok) {
    const p = answer.error;
    throw new Refused(answer.response.status, p?.code ?? 'unknown', p?.detail ?? answer.response.statusText, p);
  }
  return answer.data as T;
}

export { ask, client };
