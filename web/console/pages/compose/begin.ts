// What a draft begins with: nothing, a template, or a notification that was sent.

import { useQueryClient } from '@tanstack/react-query';
import { useOrg, useSession } from '../../shell/session';
import { titleOf } from '../notifications/model';
import { type TaskDetail, taskQuery } from '../notifications/queries';
import { nobody, type Unread } from './audience';
import { type Draft, newDraft } from './draft';
import { type ComposeApp, messageOf } from './queries';
import type { ComposeSearch } from './routes';
import { contentOf } from './wire';

/** Names a draft by what it begins from. */
export function thingOf({ agent, template, unread_of: unread, copy }: ComposeSearch): string {
  const from = Object.entries({ unread, copy, agent, template }).find(([, id]) => id !== undefined);
  return from ? `compose ${from[0]} ${from[1]} ${template ?? ''}`.trim() : 'compose';
}

/** How the draft of an address begins. */
export function useBeginning(search: ComposeSearch): () => Promise<Draft> {
  const org = useOrg();
  const { me } = useSession();
  const queries = useQueryClient();
  return async () => {
    const id = search.unread_of ?? search.copy;
    if (id !== undefined) {
      const [task, { message }] = await Promise.all([
        queries.fetchQuery({ ...taskQuery(org, id), staleTime: 0 }),
        messageOf(org, id),
      ]);
      return draftOf(task, message, me.compose_apps, search.unread_of !== undefined);
    }
    const app = me.compose_apps.find((a) => a.agent_id === search.agent) ?? me.compose_apps[0];
    const template = search.template && app?.templates ? { id: search.template, version: 0 } : null;
    return newDraft({ agent: app?.agent_id ?? '', from: template || !app?.direct ? 'template' : 'own', template });
  };
}

/** What was sent, to be sent anew: in its own words where the app may, else by its template. */
export function draftOf(
  task: Pick<TaskDetail, 'task_id' | 'app' | 'template' | 'title' | 'preview' | 'type' | 'counts'>,
  message: Readonly<Record<string, unknown>>,
  apps: readonly ComposeApp[],
  unread: boolean,
): Draft {
  const app = apps.find((a) => a.agent_id === task.app.agent_id) ?? apps[0];
  const content = app?.direct ? contentOf(message) : null;
  const template = task.template && app?.templates ? { id: task.template.template_id, version: 0 } : null;
  return newDraft({
    agent: app?.agent_id ?? '',
    from: content || (app?.direct && !template) ? 'own' : 'template',
    ...(content ? { content } : {}),
    template,
    ...(unread ? { audience: { ...nobody, unread: unreadOf(task) } } : {}),
  });
}

function unreadOf(task: Parameters<typeof draftOf>[0]): Unread {
  return {
    task_id: task.task_id,
    title: titleOf(task) ?? task.task_id,
    count: Math.max(0, task.counts.sent - (task.counts.read ?? 0)),
  };
}
