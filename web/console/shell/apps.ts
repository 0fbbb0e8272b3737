// The apps of the organization: for filters, and to choose one of them.

import { queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../shared/api/client';
import type { components } from '../../shared/api/schema.gen';

export type InstalledApp = components['schemas']['InstalledApp'];

export function appsQuery(org: string) {
  return queryOptions({
    queryKey: ['apps', org],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps', { signal, params: { query: { org } } })),
    select: ({ items }): readonly InstalledApp[] => items,
    staleTime: 60_000,
  });
}

/** How addresses name an app: by an installation, or by its key where it was never installed. */
export function addressOf(app: { agent_id: string; app_key?: string }): string {
  return app.agent_id || app.app_key || '';
}

/** Of more apps than these one is found by typing, in the props of a field. */
export function appSearch(apps: readonly unknown[]) {
  return apps.length > 8 ? { optionFilterProp: 'label' } : false;
}

/** The apps as choices of a filter. */
export function appOptions(apps: readonly { agent_id: string; app_key?: string; name: string }[]) {
  return apps.map((app) => ({ value: addressOf(app), label: app.name }));
}
