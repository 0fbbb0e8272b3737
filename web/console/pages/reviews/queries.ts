import { queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../../shared/api/client';
import type { components, operations } from '../../../shared/api/schema.gen';

export type TemplateReview = components['schemas']['TemplateReview'];
export type Template = components['schemas']['Template'];
export type Version = components['schemas']['Version'];
export type Change = components['schemas']['Change'];

/** A version of a template, as addresses name it. */
export interface At {
  org: string;
  agent: string;
  id: string;
  n: number;
}

type Asked = NonNullable<operations['listTemplateReviews']['parameters']['query']>;

/** A page of what waits for the reader's review, longest first. */
export function reviewsQuery(org: string, asked: Pick<Asked, 'limit' | 'after' | 'before'>) {
  const query = { ...asked, org };
  return queryOptions({
    queryKey: ['reviews', org, asked],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/template-reviews', { signal, params: { query } })),
    select: (page) => ({ items: page.items, next_before: page.next_after, previous: page.next_before }),
    placeholderData: (before) => before, // the old rows stay until the new ones are there
  });
}

/** A template among what waits: with the one before it and the one after it, if it waits. */
export function besideQuery(org: string, id: string) {
  return queryOptions({
    queryKey: ['reviews', org, 'around', id],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/template-reviews', { signal, params: { query: { org, around: id } } })),
    placeholderData: (before) => before, // the place of a neighbour is known from there
  });
}

/** What waits the longest, and how many wait for the reader. */
function firstQuery(org: string) {
  return queryOptions({
    queryKey: ['reviews', org, 'count'],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/template-reviews', { signal, params: { query: { org, limit: 1 } } })),
  });
}

/** What waits the longest. */
export function longestQuery(org: string) {
  return queryOptions({ ...firstQuery(org), select: (page) => page.items[0] });
}

/** How many wait for the reader. */
export function reviewCountQuery(org: string) {
  return queryOptions({ ...firstQuery(org), select: (page) => page.count });
}

const version = (at: At) => ({
  query: { org: at.org },
  path: { agent_id: at.agent, id: at.id, number: at.n },
});

export function versionQuery(at: At) {
  return queryOptions({
    queryKey: ['version', at],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}', { signal, params: version(at) })),
  });
}

/** What differs from another version; from nothing if there is none. */
export function differenceQuery(at: At, against: number | null) {
  const { query, path } = version(at);
  return queryOptions({
    queryKey: ['difference', at, against],
    queryFn: ({ signal }) =>
      ask(
        client.GET('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/difference', {
          signal,
          params: { query: { ...query, ...(against === null ? {} : { against }) }, path },
        }),
      ),
    placeholderData: (before) => before,
  });
}

/** A version's card, with the samples of its parameters. */
export function cardQuery(at: At) {
  return queryOptions({
    queryKey: ['card', at],
    queryFn: ({ signal }) =>
      ask(
        client.POST('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/preview', {
          signal,
          params: version(at),
          body: {},
        }),
      ),
    staleTime: 60_000,
  });
}

/** Where its links lead, and what became of its parameters since the live version. */
export function factsQuery(at: At) {
  return queryOptions({
    queryKey: ['facts', at],
    queryFn: ({ signal }) =>
      ask(
        client.GET('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/facts', { signal, params: version(at) }),
      ),
  });
}

export function lintQuery(at: At) {
  return queryOptions({
    queryKey: ['lint', at],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/lint', { signal, params: version(at) })),
  });
}

export async function approve(at: At): Promise<Template> {
  return ask(client.POST('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/approve', { params: version(at) }));
}

export async function reject(at: At, reason: string): Promise<Template> {
  return ask(
    client.POST('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/reject', {
      params: version(at),
      body: { reason },
    }),
  );
}
