// What was sent can be sent again by whoever may compose for its app.

import { useSession } from '../../shell/session';
import type { Task } from './queries';

type Sent = Pick<Task, 'app' | 'state' | 'template' | 'may' | 'counts' | 'receipts_dropped'>;

interface Again {
  /** As a new notification. */
  copy: boolean;
  /** To those who have not read it. */
  unread: boolean;
}

export function useSendAgain(): (task: Sent) => Again {
  const { me } = useSession();
  return (task) => sendAgain(task, me.compose_apps);
}

export function sendAgain(
  { app, state, template, may, counts, receipts_dropped: dropped }: Sent,
  apps: readonly { agent_id: string; direct: boolean; templates: boolean }[],
): Again {
  const own = apps.find((a) => a.agent_id === app.agent_id);
  const copy =
    own !== undefined && state === 'sent' && may.recipients && (own.direct || (own.templates && template !== null));
  return { copy, unread: copy && !dropped && counts.read !== null && counts.read < counts.sent };
}
