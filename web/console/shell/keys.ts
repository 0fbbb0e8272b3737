// Keys that lead through the console: g and a page's letter, / to the search,
// j and k through a list, Enter to open. Letters are off in fields, and where
// the reader has switched them off.

import { useNavigate } from '@tanstack/react-router';
import { useEffect, useLayoutEffect, useMemo } from 'react';
import { consolePages } from './pages';
import { useSession } from './session';

const kept = 'tidings.console.keys';

export function lettersOn(): boolean {
  return localStorage.getItem(kept) !== 'off';
}

export function switchLetters(on: boolean): void {
  if (on) {
    localStorage.removeItem(kept);
  } else {
    localStorage.setItem(kept, 'off');
  }
}

/** Whether a key is a letter for us: not typed into a field, not part of a shortcut, nothing lies over the page. */
export function isOurs(e: KeyboardEvent): boolean {
  const at = e.target instanceof Element ? e.target : null;
  return (
    lettersOn() &&
    !e.ctrlKey &&
    !e.metaKey &&
    !e.altKey &&
    !e.isComposing &&
    !at?.closest('input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"], [role="listbox"]')
  );
}

/** Listens for single letters while the component is there; what they do holds from the moment it is shown. */
export function useLetters(letters: Readonly<Record<string, () => void>>): void {
  useLayoutEffect(() => {
    const down = (e: KeyboardEvent) => {
      const act = isOurs(e) ? letters[e.key] : undefined;
      if (act) {
        e.preventDefault();
        act();
      }
    };
    document.addEventListener('keydown', down);
    return () => document.removeEventListener('keydown', down);
  }, [letters]);
}

const patience = 1500;

/** g and a letter lead to a page; c begins a notification. */
export function useKeys(): void {
  const go = useNavigate();
  const { me } = useSession();
  const composes = me.pages.includes('compose');
  useLetters(useMemo(() => (composes ? { c: () => void go({ to: '/compose' }) } : {}), [composes, go]));
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY;
    const down = (e: KeyboardEvent) => {
      if (!isOurs(e)) {
        return;
      }
      if (e.key === 'g') {
        since = e.timeStamp;
        return;
      }
      const to = consolePages.find((p) => p.key === e.key && me.pages.includes(p.name));
      if (to && e.timeStamp - since < patience) {
        e.preventDefault();
        e.stopImmediatePropagation(); // the letter means nothing else now
        void go({ to: `/${to.name}` });
      }
      since = Number.NEGATIVE_INFINITY;
    };
    document.addEventListener('keydown', down, true);
    return () => document.removeEventListener('keydown', down, true);
  }, [go, me]);
}
