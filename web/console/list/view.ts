// Which columns a list shows, how dense it is, and whether it is cards or rows: kept
// by the browser, list by list.

import { useState } from 'react';

export interface View {
  hidden: readonly string[];
  dense: boolean;
  /** Rows, of a list that has cards too. */
  rows: boolean;
}

const plain: View = { hidden: [], dense: false, rows: false };
const keyOf = (name: string) => `tidings.console.list.${name}`;

export function keptView(name: string): View {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null');
    if (kept && typeof kept === 'object') {
      const { hidden, dense, rows } = kept as Partial<View>;
      return {
        hidden: Array.isArray(hidden) ? hidden.filter((h) => typeof h === 'string') : [],
        dense: dense === true,
        rows: rows === true,
      };
    }
  } catch {
    // What cannot be read is as if nothing had been kept.
  }
  return plain;
}

export function keepView(name: string, view: View): void {
  if (view.hidden.length === 0 && !view.dense && !view.rows) {
    localStorage.removeItem(keyOf(name));
  } else {
    localStorage.setItem(keyOf(name), JSON.stringify(view));
  }
}

/** The view of a list, and how it is changed; undefined resets its columns and density. */
export function useView(name: string): [View, (view?: View) => void] {
  const [view, setView] = useState(() => keptView(name));
  return [
    view,
    (next = { ...plain, rows: view.rows }) => {
      keepView(name, next);
      setView(next);
    },
  ];
}
