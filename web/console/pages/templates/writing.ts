// A form that is being written: kept by the browser with every change, saved
// by itself, and held back while somebody else's is stored.

import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useDraftKey } from '../../shell/draftkey';
import { type DraftKey, dropDraft, type Kept, keepDraft, keptDraft } from '../../shell/drafts';
import { leavesToSignIn } from '../../shell/session';
import { editable, emptyForm, type FormRequest, same, withParameters } from './form';
import { type At, save, type Template, templateQuery } from './queries';
import { Conflict, Saver, type Saving } from './saver';

const idle = 20_000;

export interface Writing {
  form: FormRequest;
  saving: Saving;
  /** Writes a change into the form. */
  update: (change: Partial<FormRequest>) => void;
  /** Saves at once; true once all is stored. */
  flush: () => Promise<boolean>;
  /** The edition that is stored. */
  edition: () => number;
  /** What the browser kept and the server does not have, if anything. */
  kept: Kept<FormRequest> | null;
  restore: () => void;
  forget: () => void;
  /** After a conflict: mine stays, on top of theirs as it was shown; or that takes its place. */
  keepMine: (theirs: Template) => Promise<void>;
  takeTheirs: (theirs: Template) => Promise<void>;
}

export function useWriting(at: At, template: Template): Writing {
  const { newest } = template;
  const [form, setForm] = useState(() => withParameters(newest.form ? editable(newest.form) : emptyForm('markdown')));
  const [saving, setSaving] = useState<Saving>({
    kind: 'saved',
    at: newest.state === 'draft' ? new Date(newest.saved_at) : null,
  });
  const latest = useRef(form);
  const isKept = useRef(true);
  const key = useWritingKey(at);
  const saver = useSaver(at, newest.edition, key, setSaving);
  useLeaving(saver, isKept);
  const [kept, setKept] = useKept(key, form);
  const write = (next: FormRequest) => {
    latest.current = next;
    setForm(next);
    saver.change(next);
    // A browser that keeps nothing still saves.
    keepDraft(key, next, saver.edition).then(
      () => {
        isKept.current = true;
      },
      () => {
        isKept.current = false;
      },
    );
  };
  return {
    form,
    saving,
    update: (change) => write(withParameters({ ...latest.current, ...change })),
    flush: () => saver.flush(),
    edition: () => saver.edition,
    kept,
    restore: () => {
      if (kept) {
        write(kept.form);
      }
      setKept(null);
    },
    forget: () => {
      void dropDraft(key);
      setKept(null);
    },
    keepMine: async (stored) => {
      await saver.settle(stored.newest.edition);
    },
    takeTheirs: async (stored) => {
      saver.stop();
      await saver.settle(stored.newest.edition);
      const next = stored.newest.form ? editable(stored.newest.form) : latest.current;
      latest.current = next;
      setForm(next);
      setSaving({ kind: 'saved', at: new Date(stored.newest.saved_at) });
      await dropDraft(key);
    },
  };
}

function useSaver(at: At, edition: number, key: DraftKey, onState: (s: Saving) => void): Saver<FormRequest> {
  const queries = useQueryClient();
  const [saver] = useState(
    () =>
      new Saver<FormRequest>({
        edition,
        idle,
        onState,
        save: async (form, on) => {
          const show = (stored: Template) => queries.setQueryData(templateQuery(at).queryKey, stored);
          try {
            const stored = await save(at, form, on);
            show(stored);
            void queries.invalidateQueries({ queryKey: ['templates'] });
            return stored.newest.edition;
          } catch (e) {
            if (e instanceof Conflict) {
              show((e as Conflict<Template>).stored); // beside mine, and who saved it
            }
            throw e;
          }
        },
        onSaved: () => void dropDraft(key).catch(() => undefined),
      }),
  );
  return saver;
}

/** What is not stored yet is saved on the way, and the browser asks before the page goes. */
function useLeaving(saver: Saver<FormRequest>, isKept: RefObject<boolean>): void {
  useEffect(() => {
    const leaving = (e: BeforeUnloadEvent) => {
      if (saver.pending && !(leavesToSignIn() && isKept.current)) {
        void saver.flush();
        e.preventDefault();
      }
    };
    addEventListener('beforeunload', leaving);
    return () => {
      removeEventListener('beforeunload', leaving);
      void saver.flush(); // on the way to another page
    };
  }, [saver, isKept]);
}

/** Names what the browser keeps of a template that is being written. */
export function useWritingKey({ agent, id }: At): DraftKey {
  return useDraftKey(`template ${agent} ${id}`);
}

/** What the browser keeps and the server does not have, as it is when one begins; null for nothing. */
export function useKept(key: DraftKey, stored: FormRequest) {
  const [kept, setKept] = useState<Kept<FormRequest> | null>(null);
  const first = useRef(stored);
  useEffect(() => {
    keptDraft<FormRequest>(key).then(
      (found) => setKept(found && !same(found.form, first.current) ? found : null),
      () => undefined,
    );
  }, [key]);
  return [kept, setKept] as const;
}
