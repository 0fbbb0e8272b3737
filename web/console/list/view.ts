// Which columns a list shows and how dense it is: kept by the browser, list by list.

import { useState } from 'react';

export interface View {
  hidden: readonly string[];
  dense: boolean;
}

const plain: View = { hidden: [], dense: false };
const keyOf = (name: string) => `tidings.console.list.${name}`;

export function keptView(name: string): View {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null');
    if (kept && typeof kept === 'object') {
      const { hidden, dense } = kept as Partial<View>;
      return {
        hidden: Array.isArray(hidden) ? hidden.filter((h) => typeof h === 'string') : [],
        dense: dense === true,
      };
    }
  } catch {
    // What cannot be read is as if nothing had been kept.
  }
  return plain;
}

export function keepView(name: string, view: View): void {
  if (view.hidden.length === 0 && !view.dense) {
    localStorage.removeItem(keyOf(name));
  } else {
    localStorage.setItem(keyOf(name), JSON.stringify(view));
  }
}

/** The view of a list, and how it is changed; undefined resets it. */
export function useView(name: string): [View, (view?: View) => void] {
  const [view, setView] = useState(() => keptView(name));
  return [
    view,
    (next = plain) => {
      keepView(name, next);
      setView(next);
    },
  ];
}
