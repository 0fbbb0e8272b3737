// What somebody types where it is not saved as they go, such as in a dialog: kept by
// the browser until it is done or given up, so that an ended session loses nothing of it.

import { useEffect, useRef, useState } from 'react';
import { useDraftKey } from '../shell/draftkey';
import { dropDraft, keepDraft, keptDraft } from '../shell/drafts';

export interface KeptForm<F> {
  form: F;
  update: (form: F) => void;
  /** When what is shown was written, where it was found again; else null. */
  foundAt: number | null;
  /** It is done or given up: it begins anew, and nothing of it is kept. */
  drop: () => void;
}

interface Options<F> {
  /** What it opens with instead of what was kept. */
  opensWith?: F | undefined;
  /** What of it may be kept. */
  keeps?: (form: F) => F;
}

/** A form that begins so, or as the same person left it; the thing names it among all of theirs. */
export function useKeptForm<F>(thing: string, begin: F, { opensWith, keeps = same }: Options<F> = {}): KeptForm<F> {
  const key = useDraftKey(thing);
  const [first] = useState(begin);
  const [form, setForm] = useState(opensWith ?? begin);
  const [foundAt, setFoundAt] = useState<number | null>(null);
  const isWritten = useRef(opensWith !== undefined);
  useEffect(() => {
    keptDraft<F>(key).then(
      (kept) => {
        if (kept && !isWritten.current) {
          setForm(restored(first, kept.form));
          setFoundAt(kept.at);
        }
      },
      () => undefined, // a browser that keeps nothing has nothing
    );
  }, [key, first]);
  const write = (next: F) => {
    isWritten.current = true;
    setForm(next);
    const kept = keeps(next);
    const change = JSON.stringify(kept) === JSON.stringify(first) ? dropDraft(key) : keepDraft(key, kept, 0);
    void change.catch(() => undefined);
  };
  const drop = () => {
    write(first);
    setFoundAt(null);
  };
  return { form, update: write, foundAt, drop };
}

function same<F>(form: F): F {
  return form;
}

/** A form as it was kept, also by a page that had fewer fields. */
function restored<F>(begin: F, kept: F): F {
  return typeof begin === 'object' ? { ...begin, ...kept } : kept;
}
