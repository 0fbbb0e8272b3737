// Completes a card's HTML, which is the same for every reader, with what
// depends on this one: language, theme, device, what the browser can play.

import type { Item } from '../api/client';
import { t } from '../words';
import { enlarged } from './clicks';
import { colour } from './colors';
import { showFile } from './files';
import { fold } from './fold';
import { keepNumbers } from './numbers';
import { miss, namePlaces } from './pictures';
import { showRecording } from './player';

/** A phone or tablet, which takes the mobile address of a link. */
export function onPhone(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}

/** Completes the card of an item, once for each time its HTML was put in. */
export function enhance(root: HTMLElement, item: Item): void {
  colour(root);
  namePlaces(root);
  for (const toggle of root.querySelectorAll<HTMLElement>('.td-more-toggle')) {
    toggle.append(span('when-closed', t('card.more', { count: toggle.dataset.count ?? '' })));
    toggle.append(span('when-open', t('card.less')));
  }
  for (const files of root.querySelectorAll<HTMLElement>('.td-files')) {
    files.textContent = t('card.files', { count: files.textContent ?? '' });
  }
  for (const box of root.querySelectorAll<HTMLElement>('.td-task')) {
    box.setAttribute('aria-label', t(box.dataset.checked === 'true' ? 'task.done' : 'task.open'));
  }
  for (const table of root.querySelectorAll<HTMLElement>('.td-table')) {
    if (table.scrollWidth > table.clientWidth) {
      table.tabIndex = 0; // what scrolls must be reachable by keyboard
      table.setAttribute('role', 'group');
      table.setAttribute('aria-label', t('table.label'));
    }
  }
  for (const recording of root.querySelectorAll<HTMLElement>('.td-recording')) {
    const voice = item.body.voice;
    showRecording(recording, voice?.duration ?? 0, voice?.content_type ?? '', voice?.name ?? '');
  }
  for (const attachment of root.querySelectorAll<HTMLElement>('.td-attachment')) {
    showFile(attachment, item.body.file ?? { media_id: '' });
  }
  for (const picture of root.querySelectorAll<HTMLImageElement>(enlarged)) {
    reachable(picture);
  }
  for (const picture of root.querySelectorAll<HTMLImageElement>('img')) {
    picture.addEventListener('error', () => miss(picture), { once: true });
  }
  if (onPhone()) {
    for (const link of root.querySelectorAll<HTMLAnchorElement>('a[data-mobile]')) {
      link.href = link.dataset.mobile ?? link.href;
    }
  }
  keepNumbers(root);
  fold(root, item.message_id); // the last, since it measures
}

// A picture that a click enlarges is a button for the keyboard too.
function reachable(picture: HTMLElement): void {
  picture.tabIndex = 0;
  picture.setAttribute('role', 'button');
  picture.setAttribute('aria-haspopup', 'dialog');
  if (!picture.getAttribute('alt')) {
    picture.setAttribute('alt', t('picture.title')); // without one a picture is said to be none
  }
  picture.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' || e.key === ' ') {
      e.preventDefault(); // neither scrolls nor opens the card
      e.stopPropagation();
      picture.click();
    }
  });
}

function span(className: string, text: string): HTMLElement {
  const s = document.createElement('span');
  s.className = className;
  s.textContent = text;
  return s;
}
