// Pictures of hosts that nobody vouches for: shown after a click, in a frame
// with an origin of its own (see picture.html), so that the page around it
// never asks a foreign host for anything.

import { t } from '../words';
import { icon } from './files';

const frameAddress = '/assets/picture.html#';
const tallest = 480;
const picturePath = 'M4 5h16v14H4zM4 15l4.5-4.5L13 15l2.5-2.5L20 17M15.5 9.2v.1';
const lostPath = 'M4 4l16 16M8.5 5H20v11.5M4 8v11h12M4 15l4.5-4.5 6 6';

/** Makes the places of pictures say what they are. */
export function namePlaces(root: ParentNode): void {
  for (const lost of root.querySelectorAll<HTMLElement>('.td-picture.td-missing')) {
    name(lost, t('picture.missing'), lostPath);
  }
  for (const asked of root.querySelectorAll<HTMLElement>('.td-ask')) {
    const host = asked.dataset.host ?? '';
    name(asked, t(asked.tagName === 'BUTTON' ? 'picture.load' : 'picture.from', { host }), picturePath);
  }
}

// A small one has room for an icon only.
function name(place: HTMLElement, text: string, path: string): void {
  if (place.classList.contains('td-thumb')) {
    place.replaceChildren(icon(path));
    place.title = text;
    place.setAttribute('aria-label', text);
  } else if (place.classList.contains('td-ask')) {
    place.textContent = text;
  } else {
    place.setAttribute('aria-label', text);
  }
}

/** Puts the picture in the button's place. */
export function loadAsked(button: HTMLElement): void {
  const address = button.dataset.src ?? '';
  const frame = document.createElement('iframe');
  frame.className = 'picture-frame';
  frame.title = button.dataset.alt || t('picture.from', { host: button.dataset.host ?? '' });
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.referrerPolicy = 'no-referrer';
  frame.src = frameAddress + encodeURIComponent(address);
  const hear = ({ source, data }: MessageEvent) => {
    if (source !== frame.contentWindow || data?.picture !== address) {
      return;
    }
    removeEventListener('message', hear);
    const { width, height } = data as { width?: unknown; height?: unknown };
    if (typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0) {
      frame.style.aspectRatio = `${width} / ${height}`;
      frame.style.maxHeight = `${Math.min(height, tallest)}px`;
    } else {
      miss(frame);
    }
  };
  addEventListener('message', hear);
  button.replaceWith(frame);
}

/** Puts what says so in the place of a picture that cannot be shown. */
export function miss(picture: HTMLElement): void {
  const place = document.createElement('span');
  place.className = `td-picture td-missing${picture.classList.contains('td-thumb') ? ' td-thumb' : ''}`;
  place.setAttribute('role', 'img');
  // What stands below stays where it is.
  if (picture.clientHeight > 0) {
    place.style.aspectRatio = `${picture.clientWidth} / ${picture.clientHeight}`;
  }
  name(place, t('picture.missing'), lostPath);
  picture.replaceWith(place);
  if (!navigator.onLine && picture instanceof HTMLImageElement) {
    addEventListener('online', () => again(place, picture), { once: true });
  }
}

// What failed for want of a network is tried again with it.
function again(place: HTMLElement, picture: HTMLImageElement): void {
  if (place.isConnected) {
    place.replaceWith(picture);
    picture.addEventListener('error', () => miss(picture), { once: true });
    const { src } = picture;
    picture.src = src;
  }
}
