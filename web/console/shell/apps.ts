// The apps of the organization: for filters, and to choose one of them.

import { queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../shared/api/client';
import type { components } from '../../shared/api/schema.gen';

export type InstalledApp = components['schemas']['InstalledApp'];

export function appsQuery(org: string) {
  return queryOptions({
    queryKey: ['apps', org],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps', { signal, params: { query: { org } } })),
    // One that was never installed has no templates and no notifications.
    select: ({ items }): readonly InstalledApp[] => items.filter((app) => app.agent_id !== ''),
    staleTime: 60_000,
  });
}

/** Of more apps than these one is found by typing, in the props of a field. */
export function appSearch(apps: readonly unknown[]) {
  return apps.length > 8 ? { optionFilterProp: 'label' } : false;
}

/** The apps as choices of a filter. */
export function appOptions(apps: readonly Pick<InstalledApp, 'agent_id' | 'name'>[]) {
  return apps.map(({ agent_id: value, name: label }) => ({ value, label }));
}
