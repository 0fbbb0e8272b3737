import { useMemo } from 'react';
import type { DraftKey } from '../../shell/drafts';
import { useSession } from '../../shell/session';
import type { At } from './queries';

/** Where the browser keeps what somebody writes about a template. */
export function useDraftKey({ org, agent, id }: At, what: 'template' | 'values'): DraftKey {
  const { me } = useSession();
  return useMemo(() => [org, me.userid, `${what} ${agent} ${id}`], [org, me.userid, what, agent, id]);
}
