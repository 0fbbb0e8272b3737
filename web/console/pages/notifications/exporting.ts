// An export that the page takes in itself: it shows how far that is, and saves the
// file when it is there whole; else it says why there is none. It can be cancelled.

import { useMutation } from '@tanstack/react-query';
import { App } from 'antd';
import { useRef, useState } from 'react';
import { Refused } from '../../../shared/api/client';
import { has, t } from '../../../shared/words';
import { saveFile } from '../../form/savefile';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import type { ExportFormat } from './exportrows';
import { exportedFile, type TaskDetail, type Which } from './queries';

/** Whose file is asked for, and how many they are. */
export interface Exported {
  which: Which;
  format: ExportFormat;
  count: number;
}

/** One that is under way. */
export interface Running {
  count: number;
  /** How many people have arrived so far; null while that is not known. */
  rows: number | null;
  cancel: () => void;
}

/** How often it is told how far an export is, in milliseconds. */
const toldEvery = 200;

export function useExport(task: TaskDetail): { begin: (one: Exported) => void; running: Running | null } {
  const org = useOrg();
  const { message } = App.useApp();
  const leaving = useRef<AbortController>(undefined);
  const [rows, setRows] = useState<number | null>(null);
  const { mutate, isPending, variables } = useMutation({
    mutationFn: async ({ which, format }: Exported) => {
      const leave = new AbortController();
      const { signal } = leave;
      leaving.current = leave;
      setRows(null);
      try {
        return await exportedFile(org, task, which, format, { signal, onRows: seldom(setRows) });
      } catch (e) {
        if (signal.aborted) {
          return null; // as was asked for
        }
        throw e;
      }
    },
    onSuccess: (made) => made && saveFile(made.file, made.name),
    // Void: it is over at once, not when the message goes.
    onError: (e) => void message.error(exportRefusal(e)),
  });
  const running = isPending ? { count: variables.count, rows, cancel: () => leaving.current?.abort() } : null;
  return { begin: mutate, running };
}

/** Tells a number at once, and then every so often at most. */
function seldom(tell: (n: number) => void): (n: number) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (n) => {
    if (performance.now() - told >= toldEvery) {
      told = performance.now();
      tell(n);
    }
  };
}

/** Why there is no file, in the reader's words. */
function exportRefusal(error: unknown): string {
  const id = error instanceof Refused ? `export.refused.${error.code}` : '';
  return has(id) ? t(id) : refusalText(error);
}
