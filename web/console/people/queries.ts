import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../shared/api/client';
import type { components } from '../../shared/api/schema.gen';

export type Department = components['schemas']['Department'];
export type ListedPerson = components['schemas']['ListedPerson'];

const page = 100;

/** The departments below one; of none, where the tree begins. */
export function departmentsQuery(org: string, parent: string) {
  return infiniteQueryOptions({
    queryKey: ['departments', org, parent],
    queryFn: ({ signal, pageParam: after }) =>
      ask(
        client.GET('/api/v1/departments', {
          signal,
          params: { query: { org, limit: page, ...(parent && { parent }), ...(after && { after }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (one) => one.next_after ?? undefined,
    staleTime: 60_000,
  });
}

/** The people in one department, not below it. */
export function membersQuery(org: string, dept: string) {
  return infiniteQueryOptions({
    queryKey: ['people', org, dept],
    queryFn: ({ signal, pageParam: after }) =>
      ask(
        client.GET('/api/v1/people', {
          signal,
          params: { query: { org, dept, state: 'active', limit: page, ...(after && { after }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (one) => one.next_after ?? undefined,
    enabled: dept !== '',
    staleTime: 60_000,
  });
}

const found = 20;

export function foundDepartmentsQuery(org: string, q: string) {
  return queryOptions({
    queryKey: ['departments', org, 'found', q],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/departments', { signal, params: { query: { org, q, limit: found } } })),
    enabled: q !== '',
    placeholderData: (before) => before,
  });
}

export function foundPeopleQuery(org: string, q: string) {
  return queryOptions({
    queryKey: ['people', org, 'found', q],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/people', { signal, params: { query: { org, q, state: 'active', limit: found } } })),
    enabled: q !== '',
    placeholderData: (before) => before,
  });
}
