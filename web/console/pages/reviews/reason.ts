// The reason for which a version is sent back, kept by the browser while it is
// written: whatever becomes of the version or the session, it is not lost.

import { useEffect, useRef, useState } from 'react';
import { useDraftKey } from '../../shell/draftkey';
import { dropDraft, keepDraft, keptDraft } from '../../shell/drafts';
import type { At } from './queries';

export interface Reason {
  text: string;
  /** Whether it was written before and found again. */
  isFound: boolean;
  write: (text: string) => void;
}

export function useReason({ agent, id, n }: At): Reason {
  const key = useDraftKey(`review ${agent} ${id} ${n}`);
  const [text, setText] = useState('');
  const [isFound, setIsFound] = useState(false);
  const isWritten = useRef(false);
  useEffect(() => {
    keptDraft<string>(key).then(
      (kept) => {
        if (kept && !isWritten.current) {
          setText(kept.form);
          setIsFound(true);
        }
      },
      () => undefined, // a browser that keeps nothing has nothing
    );
  }, [key]);
  const write = (next: string) => {
    isWritten.current = true;
    setText(next);
    void (next === '' ? dropDraft(key) : keepDraft(key, next, n)).catch(() => undefined);
  };
  return { text, isFound, write };
}
