// A tall card is shown folded, with a button that shows all of it.

import { t } from '../words';
import { make } from './files';

/** What is shown of a folded card, in pixels, as the style sheet has it. */
const shown = 320;
/** A card is folded only when that saves more than the button costs. */
const tallest = 400;

// Which cards the reader has unfolded, while the page is open: a card leaves
// the document and comes back as one scrolls.
const unfolded = new Set<string>();

// What is folded: texts, so that the buttons of an action card stay in sight,
// and the whole of an oa or link card. A picture by itself has its own limit.
const foldable = '.td-prose, .td-bubble, .td-oa, .td-link';

/** Folds a card that is taller than a reader wants to scroll past. Called before it is drawn. */
export function fold(root: ParentNode, id: string): void {
  const body = root.querySelector<HTMLElement>(foldable);
  if (!body || body.scrollHeight <= tallest) {
    return;
  }
  const button = make('button', 'fold-toggle text-button');
  button.type = 'button';
  let quietUntil = 0; // what folding itself scrolls is nobody's search
  const show = (open: boolean) => {
    body.classList.toggle('folded', !open);
    body.scrollTop = 0;
    button.textContent = t(open ? 'card.fold' : 'card.unfold');
    button.setAttribute('aria-expanded', String(open));
    unfolded[open ? 'add' : 'delete'](id);
  };
  button.addEventListener('click', () => {
    show(body.classList.contains('folded'));
    quietUntil = performance.now() + 300;
    if (body.getBoundingClientRect().height <= shown) {
      body.scrollIntoView({ block: 'nearest' }); // folded again, one may be far below it
    }
  });
  // The browser scrolls to what a key or its search has found further down.
  body.addEventListener('scroll', () => {
    if (!body.classList.contains('folded') || body.scrollTop === 0) {
      return;
    }
    if (performance.now() < quietUntil) {
      body.scrollTop = 0;
    } else {
      show(true);
    }
  });
  body.after(button);
  show(unfolded.has(id));
}
