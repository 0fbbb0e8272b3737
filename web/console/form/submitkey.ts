import { useEffect, useRef } from 'react';

/**
 * ⌘Enter, or Ctrl+Enter, does what the page is for, or, in a dialog, what that is for:
 * the key belongs to what lies on top. Holding it down does it once.
 */
export function useSubmitKey(submit: () => void, { inDialog = false } = {}): void {
  const newest = useRef(submit);
  newest.current = submit;
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      const dialog = e.target instanceof Element && e.target.closest('[role="dialog"]') !== null;
      const ours = e.key === 'Enter' && (e.metaKey || e.ctrlKey) && !e.isComposing && dialog === inDialog;
      if (ours) {
        e.preventDefault();
        if (!e.repeat) {
          newest.current();
        }
      }
    };
    document.addEventListener('keydown', down);
    return () => document.removeEventListener('keydown', down);
  }, [inDialog]);
}

/** For buttons that the key presses. */
export const submitShortcut = 'Meta+Enter Control+Enter';
