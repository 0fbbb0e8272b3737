// What a click on a card does. Hosts that the app or the organization trusts
// open at once; others only after the reader was told their name.

import { onPhone } from './enhance';
import { loadAsked } from './pictures';

export type Click =
  | { to: 'nothing' }
  | { to: 'read' } // the browser opens it, or it was done here
  | { to: 'leave'; host: string; address: string }
  | { to: 'side'; host: string; address: string; page: boolean } // page: the app's own
  | { to: 'page'; host: string; address: string } // the app's own, in a tab
  | { to: 'picture'; source: string; text: string };

/** The parts of a mouse event that say what the reader wants. */
export type Clicking = Pick<
  MouseEvent,
  'target' | 'preventDefault' | 'type' | 'button' | 'ctrlKey' | 'metaKey' | 'shiftKey'
>;

/** The pictures of a card that a click enlarges: all but the small one of a link, which opens with its card. */
export const enlarged = '.td-card img.td-picture:not(.td-thumb)';

/**
 * Decides about a click or an opening by another button; what the browser must not do is
 * prevented. pageOrigin is where the app has its own page; '' for nowhere.
 */
export function clicked(e: Clicking, pageOrigin = ''): Click {
  const target = e.target instanceof Element ? e.target : null;
  if (!target || e.button > 1) {
    return { to: 'nothing' }; // the right button opens the browser's own menu
  }
  const link = target.closest<HTMLAnchorElement>('a[data-host]');
  if (link) {
    return follow(e, link, pageOrigin);
  }
  if (e.type !== 'click') {
    return openWhole(e, target, pageOrigin);
  }
  const asked = target.closest<HTMLElement>('button.td-ask');
  if (asked) {
    loadAsked(asked);
    return { to: 'read' };
  }
  const picture = target.closest<HTMLImageElement>(enlarged);
  if (picture) {
    return { to: 'picture', source: picture.src, text: picture.alt };
  }
  return target.closest(active) ? { to: 'read' } : openWhole(e, target, pageOrigin);
}

// What has a use of its own in a card or file that opens as a whole.
const active = 'a, button, summary, iframe, input';

// What opens as a whole, and what opens it: the link of a card, a file's row, a recording's.
const whole = '.td-oa, .td-link, .td-attachment, .td-recording';
const opener = 'a.td-opener, a.download, button.voice-play';

// Text in what opens as a whole can be selected, so nothing lies above it: the
// click is passed on to the link, unless it ended a selection.
function openWhole(e: Clicking, target: Element, pageOrigin: string): Click {
  const area = target.closest(whole);
  const way = area?.querySelector<HTMLElement>(opener);
  const isLink = way instanceof HTMLAnchorElement;
  if (!area || !way || target.closest(active) || selects(area) || (e.type !== 'click' && !isLink)) {
    return { to: 'nothing' };
  }
  const click = isLink && way.dataset.host !== undefined ? follow(e, way, pageOrigin) : ({ to: 'read' } as const);
  if (click.to === 'read') {
    const inBackground = e.button === 1; // as browsers do with the middle button on a link
    const { ctrlKey, metaKey, shiftKey } = e;
    way.dispatchEvent(
      new MouseEvent('click', { cancelable: true, ctrlKey: ctrlKey || inBackground, metaKey, shiftKey }),
    );
  }
  return click;
}

function selects(area: Element): boolean {
  const selection = getSelection();
  return !!selection && !selection.isCollapsed && selection.getRangeAt(0).intersectsNode(area);
}

// The host of an address, undefined where the browser cannot read it: it refuses
// some xn-- names that look well formed to the server.
function hostOf(address: string): string | undefined {
  try {
    return new URL(address).hostname;
  } catch {
    return undefined;
  }
}

function follow(e: Clicking, link: HTMLAnchorElement, pageOrigin: string): Click {
  const address = link.href;
  const parsed = hostOf(address);
  const host = parsed ?? link.dataset.host ?? '';
  if (link.dataset.trusted !== 'true' || parsed === undefined) {
    e.preventDefault();
    return { to: 'leave', host, address };
  }
  const plain = e.type === 'click' && !e.ctrlKey && !e.metaKey && !e.shiftKey;
  const isPage = new URL(address).origin === pageOrigin;
  if (plain && link.dataset.slide === 'true' && !onPhone()) {
    e.preventDefault();
    return { to: 'side', host, address, page: isPage };
  }
  if (plain && isPage) {
    e.preventDefault();
    return { to: 'page', host, address };
  }
  return { to: 'read' };
}
