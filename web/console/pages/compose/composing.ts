// A draft that is being written: kept by the browser with every change, found
// again by the same person.

import { useEffect, useRef, useState } from 'react';
import { type DraftKey, dropDraft, keepDraft, keptDraft } from '../../shell/drafts';
import { type Draft, renewed, shape } from './draft';

/** A draft as it is opened: as it was kept, or as it begins. */
export interface Opened {
  draft: Draft;
  /** When the kept one was written; null where nothing was kept. */
  keptAt: number | null;
  /** Sending it was tried more than a day ago: whether it arrived is no longer known. */
  lapsed: boolean;
}

export async function openDraft(key: DraftKey, begin: () => Promise<Draft>): Promise<Opened> {
  const kept = await keptDraft<Draft>(key).catch(() => null); // a browser that keeps nothing has nothing
  if (kept?.edition !== shape) {
    return { draft: await begin(), keptAt: null, lapsed: false };
  }
  const draft = renewed(kept.form);
  return { draft, keptAt: kept.at, lapsed: kept.form.tried && !draft.tried };
}

/** What becomes of some fields, or how that follows from what is written by then. */
export type DraftChange = Partial<Draft> | ((now: Draft) => Partial<Draft>);

export interface Composing {
  draft: Draft;
  update: (change: DraftChange) => void;
  /** The same, and true once the browser has it. */
  keep: (change: DraftChange) => Promise<void>;
  /** Whether the browser keeps what is written. */
  isKept: boolean;
  /** It is sent, or given up: nothing of it is kept. */
  drop: () => Promise<void>;
}

export function useComposing(key: DraftKey, opened: Opened): Composing {
  const [draft, setDraft] = useState(opened.draft);
  const [isKept, setIsKept] = useState(true);
  const latest = useRef(draft);
  const isDropped = useRef(false);
  const keep = async (change: DraftChange) => {
    const next = { ...latest.current, ...(typeof change === 'function' ? change(latest.current) : change) };
    latest.current = next;
    setDraft(next);
    if (isDropped.current) {
      return; // an upload may end after that
    }
    await keepDraft(key, next, shape).then(
      () => setIsKept(true),
      () => setIsKept(false),
    );
  };
  useLeaving(!isKept);
  return {
    draft,
    update: (change) => void keep(change),
    keep,
    isKept,
    drop: () => {
      isDropped.current = true;
      return dropDraft(key).catch(() => undefined);
    },
  };
}

/** The browser asks before the page goes, where something would be lost. */
export function useLeaving(loses: boolean): void {
  useEffect(() => {
    if (!loses) {
      return;
    }
    const leaving = (e: BeforeUnloadEvent) => e.preventDefault();
    addEventListener('beforeunload', leaving);
    return () => removeEventListener('beforeunload', leaving);
  }, [loses]);
}
