import { queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../../shared/api/client';
import type { components } from '../../../shared/api/schema.gen';

export type App = components['schemas']['App'];
export type Installation = components['schemas']['Installation'];

/** An app, as addresses name it. */
export interface At {
  org: string;
  agent: string;
}

const one = ({ org, agent }: At) => ({ query: { org }, path: { agent_id: agent } });

export function appQuery(at: At) {
  return queryOptions({
    queryKey: ['app', at.org, at.agent],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}', { signal, params: one(at) })),
  });
}

type RangeRequest = components['schemas']['SaveRangeRequest'];
type GrantsRequest = components['schemas']['SaveGrantsRequest'];

export const saveRange = (at: At, body: RangeRequest): Promise<App> =>
  ask(client.PUT('/api/v1/apps/{agent_id}/range', { params: one(at), body }));

export const saveGrants = (at: At, body: GrantsRequest): Promise<App> =>
  ask(client.PUT('/api/v1/apps/{agent_id}/grants', { params: one(at), body }));

type AppRequest = components['schemas']['SaveAppRequest'];
type NewAppRequest = components['schemas']['CreateAppRequest'];

export const saveApp = (at: At, body: AppRequest): Promise<App> =>
  ask(client.PUT('/api/v1/apps/{agent_id}', { params: one(at), body }));

/** Makes an internal app; the answer has its first secret, which is never told again. */
export const createApp = (org: string, body: NewAppRequest) =>
  ask(client.POST('/api/v1/apps', { params: { query: { org } }, body }));

type InstallRequest = components['schemas']['InstallAppRequest'];

/** Where an app is installed; for those of its own organization. */
export function installationsQuery(at: At) {
  return queryOptions({
    queryKey: ['installations', at.org, at.agent],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}/installations', { signal, params: one(at) })),
  });
}

export const installApp = (org: string, body: InstallRequest): Promise<App> =>
  ask(client.POST('/api/v1/apps/install', { params: { query: { org } }, body }));

export const uninstallApp = (at: At) => ask(client.DELETE('/api/v1/apps/{agent_id}', { params: one(at) }));

export type AppLimits = components['schemas']['AppLimits'];
type LimitsRequest = components['schemas']['SaveAppLimitsRequest'];

export function limitsQuery(at: At) {
  return queryOptions({
    queryKey: ['limits', at.org, at.agent],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}/limits', { signal, params: one(at) })),
  });
}

export const saveLimits = (at: At, body: LimitsRequest): Promise<AppLimits> =>
  ask(client.PUT('/api/v1/apps/{agent_id}/limits', { params: one(at), body }));

export type Secret = components['schemas']['Secret'];
export type SuiteTicket = components['schemas']['SuiteTicket'];

export function secretsQuery(at: At) {
  return queryOptions({
    queryKey: ['secrets', at.org, at.agent],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}/secrets', { signal, params: one(at) })),
  });
}

/** The answer has the value, which is never told again. */
export const addSecret = (at: At) => ask(client.POST('/api/v1/apps/{agent_id}/secrets', { params: one(at) }));

export const endSecret = ({ org, agent }: At, id: string) =>
  ask(
    client.POST('/api/v1/apps/{agent_id}/secrets/{secret_id}/end', {
      params: { query: { org }, path: { agent_id: agent, secret_id: id } },
    }),
  );

export const switchApp = (at: At, on: boolean): Promise<App> =>
  on
    ? ask(client.POST('/api/v1/apps/{agent_id}/enable', { params: one(at) }))
    : ask(client.POST('/api/v1/apps/{agent_id}/disable', { params: one(at) }));

/** Sends a text to oneself: nothing holds it back, and it counts for no quota. */
export const sendTextToMe = (org: string, agent: string, content: string) =>
  ask(
    client.POST('/api/v1/sends/test', {
      params: { query: { org } },
      body: { agent_id: agent, message: { msgtype: 'text', text: { content } } },
    }),
  );

/** Where programs that people sign in to may have them sent back; empty for another organization's app. */
export function redirectsQuery(at: At) {
  return queryOptions({
    queryKey: ['redirects', at.org, at.agent],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}/redirect-uris', { signal, params: one(at) })),
  });
}

export const saveRedirects = (at: At, body: components['schemas']['SaveRedirectURIsRequest']) =>
  ask(client.PUT('/api/v1/apps/{agent_id}/redirect-uris', { params: one(at), body }));

export type EventCallback = components['schemas']['EventCallback'];
export type EventNames = components['schemas']['EventNames'];
export type CallbackFailure = components['schemas']['CallbackFailure'];
export type SaveCallbackRequest = components['schemas']['SaveCallbackRequest'];

const whileWaiting = 5_000; // ms

/** Where an app is told of events; looked at again while some wait. */
export function callbackQuery(at: At) {
  return queryOptions({
    queryKey: ['callback', at.org, at.agent],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/apps/{agent_id}/callback', { signal, params: one(at) })),
    refetchInterval: ({ state }) => (state.data?.callback?.waiting ? whileWaiting : false),
  });
}

export const saveCallback = (at: At, body: SaveCallbackRequest) =>
  ask(client.PUT('/api/v1/apps/{agent_id}/callback', { params: one(at), body }));

export const removeCallback = (at: At) => ask(client.DELETE('/api/v1/apps/{agent_id}/callback', { params: one(at) }));

export const testCallback = (at: At) => ask(client.POST('/api/v1/apps/{agent_id}/callback/test', { params: one(at) }));
