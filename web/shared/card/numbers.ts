// Dates, telephone and order numbers stay in one line: browsers break lines
// behind a hyphen or a slash, also between digits.

import { make } from './files';

const longest = 24;
// Parts of digits, joined by hyphens or slashes, perhaps with letters in front: PO-2026-0417. Not in an address.
const part = '\\d[\\d.,:]*';
const words = new RegExp(`(?<![\\w/.-])(?:(?:[A-Za-z]{1,8}-)+${part}|\\+?${part}[-/]${part})(?:[-/]${part})*`, 'g');

/** Keeps the numbers of a card from being broken, but for those that may need more than a line. */
export function keepNumbers(root: Node): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (/[-/]/.test(node.nodeValue ?? '') && !node.parentElement?.closest('a, pre')) {
      texts.push(node as Text);
    }
  }
  for (const text of texts) {
    // From the end, so that what was found stays where it was found.
    for (const { 0: word, index } of [...text.data.matchAll(words)].reverse()) {
      if (word.length <= longest) {
        const found = text.splitText(index);
        found.splitText(word.length);
        found.replaceWith(make('span', 'number', word));
      }
    }
  }
}
