// Who has read a task while its readers are shown, the newest first: they come on top.

import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useOrg } from '../../shell/session';
import { withNewer } from './model';
import { type RecipientPage, recipientsPage, recipientsQuery, type TaskDetail, type Which } from './queries';

const pause = 2_000; // the server's own list is a little behind its numbers

interface NewReaders {
  /** Who has just come. */
  fresh: ReadonlySet<string>;
  /** Whether rows below them stay where they are, because the top is out of sight. */
  shift: boolean;
}

/** Looks for them as long as behind, which says that more people have read the task than the list has. */
export function useNewReaders(task: TaskDetail, which: Which, behind: boolean, top: () => number): NewReaders {
  const org = useOrg();
  const queries = useQueryClient();
  const [come, setCome] = useState<NewReaders>({ fresh: new Set(), shift: false });
  const asked = useRef({ task, which, top });
  asked.current = { task, which, top };
  useEffect(() => {
    if (!behind) {
      return;
    }
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const { task, which, top } = asked.current;
      const { queryKey } = recipientsQuery(org, task, which);
      const page = await recipientsPage(org, task, which, '', gone.signal).catch(() => null); // asked again below
      const shown = queries.getQueryData<InfiniteData<RecipientPage, string>>(queryKey);
      if (page && shown && !gone.signal.aborted) {
        const { pages, added } = withNewer(shown.pages, page);
        setCome({ fresh: new Set(added), shift: top() < 0 });
        queries.setQueryData(queryKey, { pageParams: shown.pageParams.slice(0, pages.length), pages });
      }
      if (!gone.signal.aborted) {
        timer = setTimeout(() => void look(), pause);
      }
    };
    void look();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [behind, org, queries]);
  return come;
}
