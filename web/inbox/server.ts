// The model's server: our own API.

import { ask, client } from '../shared/api/client';
import type { App } from './filter';
import type { Server } from './state';
import type { Page } from './timeline';

const perPage = 50;
const requests = 8; // for one page, at most

export function serverOf(corpID: string): Server {
  const org = corpID;
  return {
    async page(before, agent) {
      const query = {
        org,
        limit: perPage,
        ...(before === null ? {} : { before }),
        ...(agent === null ? {} : { app: Number(agent) }),
      };
      let page = await ask(client.GET('/api/v1/inbox/messages', { params: { query } }));
      const { revision } = page;
      const items = [...page.items];
      // A page may come back short: what lies between is looked through at once.
      for (let n = 1; n < requests && items.length < perPage / 2 && page.next_before !== null; n++) {
        page = await ask(
          client.GET('/api/v1/inbox/messages', { params: { query: { ...query, before: page.next_before } } }),
        );
        items.push(...page.items);
      }
      return { items, next_before: page.next_before, revision } satisfies Page;
    },
    async markRead(ids, last) {
      await ask(
        client.POST('/api/v1/inbox/read', { params: { query: { org } }, body: { message_ids: ids }, keepalive: last }),
      );
    },
    async markAllRead({ through, agent }, last) {
      await ask(
        client.POST('/api/v1/inbox/read', {
          params: { query: { org } },
          body: { all: true, through: String(through), ...(agent === null ? {} : { app: agent }) },
          keepalive: last,
        }),
      );
    },
    async unread() {
      return await ask(client.GET('/api/v1/inbox/unread', { params: { query: { org } } }));
    },
  };
}

/** The apps that have sent the reader something, latest first. */
export async function appsOf(corpID: string): Promise<App[]> {
  return (await ask(client.GET('/api/v1/inbox/apps', { params: { query: { org: corpID } } }))).items;
}
