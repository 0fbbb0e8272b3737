// What a text finds: the notification that has it as its id, templates and apps
// whose name has it, and the lists in which to look further.

import { useQuery } from '@tanstack/react-query';
import type { LinkProps } from '@tanstack/react-router';
import { Refused } from '../../shared/api/client';
import { t } from '../../shared/words';
import { taskQuery } from '../pages/notifications/queries';
import { templatesQuery } from '../pages/templates/queries';
import { addressOf, appsQuery } from './apps';
import { useOrg, useSession } from './session';

export interface Found {
  key: string;
  name: string;
  /** What it is. */
  more: string;
  link: LinkProps;
}

const most = 5; // of each

export function useFound(text: string): { items: Found[]; pending: boolean; error: unknown } {
  const { me } = useSession();
  const sees = (page: string) => text !== '' && me.pages.some((p) => p === page);
  const task = useTask(text, sees('notifications') && /^\d{1,18}$/.test(text));
  const templates = useTemplates(text, sees('templates'));
  const apps = useApps(text, sees('apps'));
  const further = (['notifications', 'templates'] as const).filter(sees).map(
    (page): Found => ({
      key: page,
      name: t('find.in', { text, page: t(`page.${page}`) }),
      more: '',
      link: { to: `/${page}`, search: { q: text } },
    }),
  );
  const all = [task, templates, apps];
  return {
    items: [...all.flatMap((one) => one.items), ...further],
    pending: all.some((one) => one.pending),
    error: all.find((one) => one.error)?.error ?? null,
  };
}

interface Part {
  items: Found[];
  pending: boolean;
  error: unknown;
}

function useTask(id: string, enabled: boolean): Part {
  const query = useQuery({ ...taskQuery(useOrg(), id), enabled, refetchInterval: false });
  const none = query.error instanceof Refused && query.error.status === 404;
  return {
    items: query.data
      ? [
          {
            key: `task ${id}`,
            name: query.data.title || t('find.task', { id }),
            more: `${t('page.notifications')} · ${id}`,
            link: { to: '/notifications/$task', params: { task: id } },
          },
        ]
      : [],
    pending: enabled && query.isPending,
    error: none ? null : query.error,
  };
}

function useTemplates(q: string, enabled: boolean): Part {
  const query = useQuery({ ...templatesQuery(useOrg(), { q, limit: most }), enabled });
  const fresh = enabled && !query.isPlaceholderData;
  return {
    items: (fresh ? (query.data?.items ?? []) : []).map((one) => ({
      key: `template ${one.template_id}`,
      name: one.name || t('template.unnamed'),
      more: `${t('page.templates')} · ${one.app.name}`,
      link: { to: '/templates/$agent/$id', params: { agent: one.agent_id, id: one.template_id } },
    })),
    pending: enabled && (query.isPending || query.isPlaceholderData),
    error: query.error,
  };
}

function useApps(text: string, enabled: boolean): Part {
  const query = useQuery({ ...appsQuery(useOrg()), enabled });
  const has = text.toLocaleLowerCase();
  return {
    items: (enabled ? (query.data ?? []) : [])
      .filter((app) => app.name.toLocaleLowerCase().includes(has))
      .slice(0, most)
      .map((app) => ({
        key: `app ${addressOf(app)}`,
        name: app.name,
        more: t('page.apps'),
        link: { to: '/apps/$agent/$tab', params: { agent: addressOf(app), tab: 'overview' } },
      })),
    pending: enabled && query.isPending,
    error: query.error,
  };
}
