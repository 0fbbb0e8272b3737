import { useEffect, useRef } from 'react';

/** ⌘Enter, or Ctrl+Enter, does what the page is for; not from a dialog that lies over it. */
export function useSubmitKey(submit: () => void): void {
  const newest = useRef(submit);
  newest.current = submit;
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      const over = e.target instanceof Element && e.target.closest('[role="dialog"]');
      if (e.key === 'Enter' && (e.metaKey || e.ctrlKey) && !e.isComposing && !over) {
        e.preventDefault();
        newest.current();
      }
    };
    document.addEventListener('keydown', down);
    return () => document.removeEventListener('keydown', down);
  }, []);
}
