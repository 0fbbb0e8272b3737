import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { type Answer, ask, client } from '../../../shared/api/client';
import type { components } from '../../../shared/api/schema.gen';
import { periodOf } from '../../list/period';
import type { ListSearch } from '../../list/search';
import { counting, type ExportFormat } from './exportrows';

export type Task = components['schemas']['Task'];
export type TaskDetail = components['schemas']['TaskDetail'];
export type TaskList = components['schemas']['TaskList'];

export type Recipient = components['schemas']['Recipient'];
export type RecipientPage = components['schemas']['RecipientList'];
export type List = 'sent' | 'read' | 'unread' | 'held' | 'failed' | 'invalid';

/** Which people of a task are asked for. */
export interface Which {
  list: List;
  q: string | undefined;
  dept_id: string | undefined;
  code: string | undefined;
}

const mostByTime = 50_000; // the server sorts no longer list by the time of reading

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
  });
}

/** One task. */
export function taskQuery(org: string, id: string) {
  return queryOptions({
    queryKey: ['task', org, id],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/tasks/{task_id}', { signal, params: { query: { org }, path: { task_id: id } } })),
  });
}

/** Whether its numbers can still change: somebody has not read it. */
export function mayChange({ state, receipts_dropped: dropped, counts }: TaskDetail): boolean {
  return state === 'sent' && !dropped && counts.read !== counts.sent;
}

/** Whether a list of people is in the order in which they have read it. */
export function newestFirst({ counts }: TaskDetail, { list }: Which): boolean {
  return list === 'read' && (counts.read ?? 0) <= mostByTime;
}

/** A page of the people of a task. */
export function recipientsPage(
  org: string,
  task: TaskDetail,
  which: Which,
  after: string,
  signal: AbortSignal,
): Promise<RecipientPage> {
  const filled = Object.fromEntries(Object.entries(which).filter(([, value]) => value !== undefined));
  const order = newestFirst(task, which) ? 'newest' : 'directory';
  return ask(
    client.GET('/api/v1/tasks/{task_id}/recipients', {
      signal,
      params: {
        path: { task_id: task.task_id },
        query: { ...filled, org, order, limit: 100, ...(after && { after }) } as never,
      },
    }),
  );
}

/** The people of a task, page by page. Rows stay where they are until they are asked for again. */
export function recipientsQuery(org: string, task: TaskDetail, which: Which) {
  return infiniteQueryOptions({
    queryKey: ['recipients', org, task.task_id, which, newestFirst(task, which)],
    queryFn: ({ signal, pageParam }) => recipientsPage(org, task, which, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (page: RecipientPage) => page.next_after ?? undefined,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** Where the browser gets a file of those people. */
export function exportAddress(org: string, { task_id: id }: TaskDetail, which: Which, format: ExportFormat): string {
  const asked = Object.entries({ org, format, ...which }).filter(
    (one): one is [string, string] => one[1] !== undefined,
  );
  return `/api/v1/tasks/${id}/recipients/export?${new URLSearchParams(asked)}`;
}

/** A file of those people, whole, and its name: a page that asks itself can say what a refusal says. */
export async function exportedFile(
  org: string,
  { task_id: id }: TaskDetail,
  which: Which,
  format: ExportFormat,
  { signal, onRows }: { signal: AbortSignal; onRows: (rows: number) => void },
): Promise<{ file: Blob; name: string }> {
  const filled = Object.fromEntries(Object.entries(which).filter(([, value]) => value !== undefined));
  const asked = client.GET('/api/v1/tasks/{task_id}/recipients/export', {
    signal,
    parseAs: 'stream',
    params: { path: { task_id: id }, query: { ...filled, org, format } as never },
  });
  const arrived = async (): Promise<Answer<{ file: Blob; name: string }>> => {
    const { data, response, ...refusal } = await asked;
    if (!data) {
      return { ...refusal, response };
    }
    const { headers } = response;
    const file = await new Response(data.pipeThrough(counting(format, onRows)), { headers }).blob();
    const name = headers.get('Content-Disposition')?.match(/filename="([^"]+)"/)?.[1] ?? `task-${id}.${format}`;
    return { data: { file, name }, response };
  };
  return ask(arrived());
}

/** What was done with a task; a recall that is seen in the task is looked for here too. */
export function taskLogQuery(org: string, { task_id: id, state }: Pick<TaskDetail, 'task_id' | 'state'>) {
  return queryOptions({
    queryKey: ['task-log', org, id, state],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/tasks/{task_id}/log', { signal, params: { query: { org }, path: { task_id: id } } })),
  });
}

export async function changeStatusBar(
  org: string,
  id: string,
  body: { value: string; background: string },
): Promise<TaskDetail> {
  return ask(
    client.POST('/api/v1/tasks/{task_id}/status-bar', { params: { query: { org }, path: { task_id: id } }, body }),
  );
}

export async function recall(org: string, id: string): Promise<TaskDetail> {
  return ask(client.POST('/api/v1/tasks/{task_id}/recall', { params: { query: { org }, path: { task_id: id } } }));
}
