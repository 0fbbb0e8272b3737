// What opens over the page is an entry of the browser's history, so that Back
// closes it instead of leaving the page.

import { useLayoutEffect, useRef } from 'react';

// An entry whose overlay has just closed, to be taken back unless another
// overlay opens in its place: dialogs follow each other.
let spare: { depth: number; timer: ReturnType<typeof setTimeout> } | undefined;

// Whether the browser is on its way back from such an entry: it goes back from
// whatever is entered meanwhile.
let leaving = false;

/** Calls away when Back is pressed while the component is there. */
export function useBack(away: () => void): void {
  const latest = useRef(away);
  latest.current = away;
  // Before it is drawn: Back may be pressed at once, and would leave the page.
  useLayoutEffect(() => {
    let depth = leaving ? undefined : enter();
    const popped = () => {
      if (depth === undefined) {
        depth = enter();
      } else if (depthNow() < depth) {
        latest.current();
      }
    };
    addEventListener('popstate', popped);
    return () => {
      removeEventListener('popstate', popped);
      if (depth !== undefined && depthNow() === depth) {
        spare = { depth, timer: setTimeout(leave, 0) };
      }
    };
  }, []);
}

/** Takes back the entry of an overlay that was open when the page was loaded anew. */
export function dropOverlay(): void {
  if (depthNow() > 0) {
    goBack();
  }
}

function goBack(): void {
  leaving = true;
  const left = () => {
    leaving = false;
  };
  addEventListener('popstate', left, { once: true });
  history.back();
}

function depthNow(): number {
  const over: unknown = history.state?.over;
  return typeof over === 'number' ? over : 0;
}

function enter(): number {
  if (spare && spare.depth === depthNow()) {
    clearTimeout(spare.timer);
    const { depth } = spare;
    spare = undefined;
    return depth;
  }
  const depth = depthNow() + 1;
  history.pushState({ over: depth }, '');
  return depth;
}

function leave(): void {
  const was = spare;
  spare = undefined;
  if (was && was.depth === depthNow()) {
    goBack();
  }
}
