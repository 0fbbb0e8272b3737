import { queryOptions } from '@tanstack/react-query';
import { ask, client, Refused } from '../../../shared/api/client';
import type { components, operations } from '../../../shared/api/schema.gen';
import { editable, type FormRequest, same } from './form';
import { Conflict } from './saver';

export type ListedTemplate = components['schemas']['ListedTemplate'];
export type Template = components['schemas']['Template'];
export type Version = components['schemas']['Version'];

/** A template, as addresses name it. */
export interface At {
  org: string;
  agent: string;
  id: string;
}

const one = ({ org, agent, id }: At) => ({ query: { org }, path: { agent_id: agent, id } });

type Asked = NonNullable<operations['listAllTemplates']['parameters']['query']>;

export function templatesQuery(org: string, asked: Asked) {
  const query = { ...asked, org };
  return queryOptions({
    queryKey: ['templates', query],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/templates', { signal, params: { query } })),
    placeholderData: (before) => before, // the old rows stay until the new ones are there
  });
}

/** The template with its newest version and that one's form. */
export function templateQuery(at: At) {
  return queryOptions({
    queryKey: ['template', at.org, at.agent, at.id],
    queryFn: async ({ signal }) =>
      ask(client.GET('/api/v1/apps/{agent_id}/templates/{id}', { signal, params: one(at) })),
  });
}

export function versionsQuery(at: At) {
  return queryOptions({
    queryKey: ['versions', at],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/apps/{agent_id}/templates/{id}/versions', { signal, params: one(at) })),
  });
}

export function logQuery(at: At) {
  return queryOptions({
    queryKey: ['log', at],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}/templates/{id}/log', { signal, params: one(at) })),
  });
}

/** What is wrong with a form, and its card as far as it can be shown. */
export function checkQuery(org: string, agent: string, form: FormRequest, values?: Readonly<Record<string, string>>) {
  return queryOptions({
    queryKey: ['check', org, agent, form, values],
    queryFn: ({ signal }) =>
      ask(
        client.POST('/api/v1/apps/{agent_id}/templates/check', {
          signal,
          params: { query: { org }, path: { agent_id: agent } },
          body: { form, ...(values ? { values } : {}) },
        }),
      ),
    placeholderData: (before) => before,
    staleTime: 60_000,
    gcTime: 10_000,
  });
}

export function create(org: string, agent: string, form: FormRequest): Promise<Template> {
  return ask(
    client.POST('/api/v1/apps/{agent_id}/templates', {
      params: { query: { org }, path: { agent_id: agent } },
      body: form,
    }),
  );
}

/**
 * Saves a draft on top of an edition. Where another is stored that says the
 * same, as after an answer that was lost, it is saved already; where it says
 * something else, it comes with the Conflict.
 */
export async function save(at: At, form: FormRequest, edition: number): Promise<Template> {
  try {
    return await ask(
      client.PUT('/api/v1/apps/{agent_id}/templates/{id}', { params: one(at), body: { form, edition } }),
    );
  } catch (e) {
    if (!(e instanceof Refused && e.code === 'template_changed')) {
      throw e;
    }
    const stored = await ask(client.GET('/api/v1/apps/{agent_id}/templates/{id}', { params: one(at) }));
    if (stored.newest.form && stored.newest.state === 'draft' && same(editable(stored.newest.form), form)) {
      return stored;
    }
    throw new Conflict(stored);
  }
}

export const submit = (at: At, edition: number) =>
  ask(client.POST('/api/v1/apps/{agent_id}/templates/{id}/submit', { params: one(at), body: { edition } }));

export const withdraw = (at: At) =>
  ask(client.POST('/api/v1/apps/{agent_id}/templates/{id}/withdraw', { params: one(at) }));

export const switchOn = (at: At, on: boolean) =>
  on
    ? ask(client.POST('/api/v1/apps/{agent_id}/templates/{id}/enable', { params: one(at) }))
    : ask(client.POST('/api/v1/apps/{agent_id}/templates/{id}/disable', { params: one(at) }));

export const clone = (at: At) =>
  ask(client.POST('/api/v1/apps/{agent_id}/templates/{id}/clone', { params: one(at), body: {} }));

export const remove = (at: At) => ask(client.DELETE('/api/v1/apps/{agent_id}/templates/{id}', { params: one(at) }));

export const discard = ({ org, agent, id }: At, edition: number) =>
  ask(
    client.DELETE('/api/v1/apps/{agent_id}/templates/{id}/draft', {
      params: { query: { org, edition }, path: { agent_id: agent, id } },
    }),
  );

/** Sends a version to oneself, with the samples of its parameters. */
export const test = (at: At, n: number) =>
  ask(
    client.POST('/api/v1/apps/{agent_id}/templates/{id}/versions/{number}/test', {
      params: { query: { org: at.org }, path: { agent_id: at.agent, id: at.id, number: n } },
      body: {},
    }),
  );
