// One part of an app's settings while somebody changes it: kept by the browser
// with every change, saved when they say so, and held back where somebody else
// has changed the same part meanwhile.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App as Antd } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { useDraftKey } from '../../shell/draftkey';
import { type DraftKey, dropDraft, type Kept, keepDraft, keptDraft } from '../../shell/drafts';
import { type App, type At, appQuery } from './queries';
import { useStored } from './stored';

/** A part of an app that is saved by itself; S is what the server tells of it. */
export interface Part<F, S = App> {
  /** Names what the browser keeps of it. */
  name: string;
  /** What is stored, as a form. */
  of: (stored: S) => F;
  /** The same text for forms that say the same. */
  text: (form: F) => string;
  /** Saves a form on top of the edition of what is stored. */
  save: (at: At, stored: S, form: F) => Promise<S>;
  /** What is said once it is saved. */
  saved: (stored: S) => string;
}

/** Where what is stored comes from, and where it is shown. */
export interface Source<S> {
  read: () => Promise<S>;
  show: (stored: S) => void;
}

/** What is being written, and what it was written on top of. */
interface Written<F> {
  form: F;
  base: string;
}

export interface Editing<F> {
  /** Null while nobody writes. */
  form: F | null;
  isChanged: boolean;
  begin: () => void;
  update: (form: F) => void;
  cancel: () => void;
  save: () => void;
  isSaving: boolean;
  /** Why the last save was refused; null where it was not. */
  error: Error | null;
  /** What somebody else has made of this part meanwhile. */
  theirs: F | null;
  takeTheirs: () => void;
  keepMine: () => void;
  /** What the browser kept and the server does not have, if anything. */
  kept: Kept<Written<F>> | null;
  restore: () => void;
  forget: () => void;
}

/** Somebody else has changed the same part. */
class Overtaken extends Error {}

/** A part of what getApp tells. */
export function useAppEditing<F>(at: At, app: App, part: Part<F>): Editing<F> {
  const queries = useQueryClient();
  const show = useStored(at);
  return useEditing(at, app, part, { read: () => queries.fetchQuery({ ...appQuery(at), staleTime: 0 }), show });
}

export function useEditing<F, S>(at: At, read: S, part: Part<F, S>, source: Source<S>): Editing<F> {
  const [written, setWritten] = useState<Written<F> | null>(null);
  const key = useDraftKey(`app ${at.agent} ${part.name}`);
  const [kept, setKept] = useKept<Written<F>>(key);
  const { message } = Antd.useApp();
  const stored = part.of(read);
  const now = part.text(stored);
  const drop = () => void dropDraft(key).catch(() => undefined); // a browser that keeps nothing has nothing
  const write = (next: Written<F>) => {
    setWritten(next);
    void keepDraft(key, next, 0).catch(() => undefined);
  };
  const leave = () => {
    setWritten(null);
    storing.reset();
    drop();
  };
  const storing = useStoring(at, read, part, source, (saved) => {
    leave();
    message.success(part.saved(saved));
  });
  const save = (mine: Written<F> | null) => {
    if (mine && part.text(mine.form) !== mine.base) {
      storing.mutate(mine);
    } else {
      leave();
    }
  };
  const isOvertaken = written !== null && storing.error instanceof Overtaken;
  return {
    form: written?.form ?? null,
    isChanged: written !== null && part.text(written.form) !== written.base,
    begin: () => setWritten({ form: stored, base: now }),
    update: (form) => written && write({ ...written, form }),
    cancel: leave,
    save: () => save(written),
    isSaving: storing.isPending,
    error: isOvertaken ? null : storing.error,
    theirs: isOvertaken ? stored : null,
    takeTheirs: leave,
    keepMine: () => {
      const mine = written && { ...written, base: now };
      setWritten(mine);
      save(mine);
    },
    kept: written === null && kept !== null && part.text(kept.form.form) !== now ? kept : null,
    restore: () => {
      setWritten(kept?.form ?? null);
      setKept(null);
    },
    forget: () => {
      setKept(null);
      drop();
    },
  };
}

const tries = 5;

/**
 * Saves a form. The server counts an edition for the whole installation: where
 * another part was changed, ours is saved on top of that.
 */
function useStoring<F, S>(at: At, first: S, part: Part<F, S>, source: Source<S>, onSaved: (saved: S) => void) {
  return useMutation({
    mutationFn: async ({ form, base }: Written<F>) => {
      let read = first;
      for (let n = 1; ; n++) {
        if (part.text(part.of(read)) === part.text(form)) {
          return read; // such as after an answer that was lost
        }
        if (part.text(part.of(read)) !== base) {
          throw new Overtaken(t('app.overtaken'));
        }
        try {
          return await part.save(at, read, form);
        } catch (e) {
          if (!(e instanceof Refused && e.code === 'app_changed') || n === tries) {
            throw e;
          }
          read = await source.read();
        }
      }
    },
    onSuccess: (saved) => {
      source.show(saved);
      onSaved(saved);
    },
  });
}

function useKept<W>(key: DraftKey) {
  const [kept, setKept] = useState<Kept<W> | null>(null);
  const asked = useRef<DraftKey>(null);
  useEffect(() => {
    if (asked.current !== key) {
      asked.current = key;
      keptDraft<W>(key).then(setKept, () => undefined);
    }
  }, [key]);
  return [kept, setKept] as const;
}
