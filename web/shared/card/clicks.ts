// What a click on a card does. Hosts that the app or the organization trusts
// open at once; others only after the reader was told their name.

import { onPhone } from './enhance';
import { loadAsked } from './pictures';

export type Click =
  | { to: 'nothing' }
  | { to: 'read' } // the browser opens it, or it was done here
  | { to: 'leave'; host: string; address: string }
  | { to: 'side'; host: string; address: string }
  | { to: 'picture'; source: string; text: string };

/** Decides about a click or an opening by another button; what the browser must not do is prevented. */
export function clicked(e: Pick<MouseEvent, 'target' | 'preventDefault' | 'type'> & ModifierKeys): Click {
  const target = e.target instanceof Element ? e.target : null;
  const link = target?.closest<HTMLAnchorElement>('a[data-host]');
  if (link) {
    return follow(e, link);
  }
  if (e.type !== 'click') {
    return { to: 'nothing' };
  }
  const asked = target?.closest<HTMLElement>('button.td-ask');
  if (asked) {
    loadAsked(asked);
    return { to: 'read' };
  }
  const picture = target?.closest<HTMLImageElement>('.td-figure img, .td-prose img');
  if (picture) {
    return { to: 'picture', source: picture.src, text: picture.alt };
  }
  return target?.closest('a, button, summary') ? { to: 'read' } : { to: 'nothing' };
}

interface ModifierKeys {
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

function follow(e: Pick<MouseEvent, 'preventDefault' | 'type'> & ModifierKeys, link: HTMLAnchorElement): Click {
  const address = link.href;
  const host = new URL(address).hostname;
  if (link.dataset.trusted !== 'true') {
    e.preventDefault();
    return { to: 'leave', host, address };
  }
  const plain = e.type === 'click' && !e.ctrlKey && !e.metaKey && !e.shiftKey;
  if (plain && link.dataset.slide === 'true' && !onPhone()) {
    e.preventDefault();
    return { to: 'side', host, address };
  }
  return { to: 'read' };
}
