import { queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../../shared/api/client';
import type { components } from '../../../shared/api/schema.gen';
import { periodOf } from '../../list/period';
import type { ListSearch } from '../../list/search';

export type Task = components['schemas']['Task'];
export type TaskDetail = components['schemas']['TaskDetail'];
export type TaskList = components['schemas']['TaskList'];

/** A page of what the organization was sent, as the address of the list says. */
export function tasksQuery(org: string, search: ListSearch, limit: number) {
  const { period, before, q, app, state, type, template, audience, held, test, by } = search;
  return queryOptions({
    queryKey: ['tasks', org, limit, { period, before, q, app, state, type, template, audience, held, test, by }],
    queryFn: ({ signal }): Promise<TaskList> => {
      const asked = {
        before,
        q,
        app,
        state,
        type,
        template,
        audience,
        held,
        test,
        by,
        ...periodOf(period, new Date()),
      };
      const filled = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      // An address may hold anything: what the server does not know it says.
      return ask(client.GET('/api/v1/tasks', { signal, params: { query: { ...filled, org, limit } as never } }));
    },
    refetchInterval: 10_000, // while the page is visible
  });
}

export async function recall(org: string, id: string): Promise<TaskDetail> {
  return ask(client.POST('/api/v1/tasks/{task_id}/recall', { params: { query: { org }, path: { task_id: id } } }));
}
