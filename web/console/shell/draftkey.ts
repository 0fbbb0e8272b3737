import { useMemo } from 'react';
import type { DraftKey } from './drafts';
import { useSession } from './session';

/** Names what the browser keeps of a thing that somebody writes. */
export function useDraftKey(thing: string): DraftKey {
  const { me, current } = useSession();
  return useMemo(() => [current.corp_id, me.userid, thing], [current.corp_id, me.userid, thing]);
}
