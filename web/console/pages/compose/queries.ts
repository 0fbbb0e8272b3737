import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../../shared/api/client';
import type { components } from '../../../shared/api/schema.gen';
import type { TaskDetail } from '../notifications/queries';
import type { Said } from './draft';

export type ComposeApp = components['schemas']['ComposeApp'];
export type Sendable = components['schemas']['SendableTemplate'];
export type Plan = components['schemas']['SendPlan'];
type DraftRequest = components['schemas']['DraftRequest'];

const page = 100;

/** The templates that an app may send. */
export function sendableQuery(org: string, agent: string) {
  return queryOptions({
    queryKey: ['sendable', org, agent],
    queryFn: ({ signal }) =>
      ask(
        client.GET('/api/v1/apps/{agent_id}/sendable', {
          signal,
          params: { query: { org }, path: { agent_id: agent } },
        }),
      ),
    enabled: agent !== '',
    staleTime: 30_000,
  });
}

/**
 * What a draft would do, as it is written in JSON: its card; and, where it names
 * people, who would get it. Nothing is sent.
 */
export function planQuery(org: string, draft: string | null) {
  return queryOptions({
    queryKey: ['plan', org, draft],
    queryFn: ({ signal }) =>
      ask(
        client.POST('/api/v1/sends/plan', {
          signal,
          params: { query: { org } },
          body: JSON.parse(draft ?? '') as DraftRequest,
        }),
      ),
    enabled: draft !== null,
    placeholderData: (before) => before,
    gcTime: 10_000,
    retry: false,
  });
}

/** Which people of a dry run are asked for. */
export interface PlannedList {
  list: 'sent' | 'held' | 'invalid';
  code?: string;
}

export function plannedQuery(org: string, draft: string, which: PlannedList) {
  return infiniteQueryOptions({
    queryKey: ['planned', org, draft, which],
    queryFn: ({ signal, pageParam: after }) =>
      ask(
        client.POST('/api/v1/sends/plan/recipients', {
          signal,
          params: { query: { org } },
          body: { ...(JSON.parse(draft) as DraftRequest), ...which, limit: page, ...(after && { after }) },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (one) => one.next_after ?? undefined,
    gcTime: 0,
  });
}

export interface Bound {
  audience_digest: string;
  at_most: number;
  organization_name?: string;
}

/** Sends, once for a key. It binds what was shown: to other people nothing is sent. */
export function send(org: string, key: string, draft: string, bound: Bound): Promise<TaskDetail> {
  return ask(
    client.POST('/api/v1/sends', {
      params: { query: { org }, header: { 'Idempotency-Key': key } },
      body: { ...(JSON.parse(draft) as DraftRequest), ...bound },
    }),
  );
}

/** Sends the content to oneself. */
export function sendToMe(org: string, said: Said): Promise<TaskDetail> {
  return ask(client.POST('/api/v1/sends/test', { params: { query: { org } }, body: said }));
}

/** What a task says, as an app would send it. */
export function messageOf(org: string, task: string) {
  return ask(client.GET('/api/v1/tasks/{task_id}/message', { params: { query: { org }, path: { task_id: task } } }));
}
