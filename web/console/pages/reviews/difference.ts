// What differs between two texts, word by word. Intl.Segmenter knows the words
// of Chinese, which have no spaces between them.

export interface Piece {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

const most = 4_000_000; // steps; beyond, what is between the common ends is one change

/** The pieces of both texts, in order: a reader of same and gone reads the old one, of same and new the new one. */
export function difference(before: string, after: string): Piece[] {
  const [a, b] = [words(before), words(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    start++;
  }
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) {
    end++;
  }
  return merged([
    { kind: 'same', text: a.slice(0, start).join('') },
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    { kind: 'same', text: a.slice(a.length - end).join('') },
  ]);
}

function words(text: string): string[] {
  return [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(text)].map((s) => s.segment);
}

function middle(a: string[], b: string[]): Piece[] {
  if (a.length * b.length > most) {
    return [
      { kind: 'gone', text: a.join('') },
      { kind: 'new', text: b.join('') },
    ];
  }
  const common = lengths(a, b);
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      pieces.push({ kind: 'same', text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      pieces.push({ kind: 'gone', text: left });
      i++;
    } else {
      pieces.push({ kind: 'new', text: right ?? '' });
      j++;
    }
  }
  return pieces;
}

/** How many words are common from a[i] and b[j] on, for every i and j. */
function lengths(a: string[], b: string[]): Uint16Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const longest = a[i] === b[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
      (rows[i] as Uint16Array)[j] = longest;
    }
  }
  return rows;
}

function at(rows: Uint16Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}

/** Neighbours of one kind are one piece; between two that are the same, what is gone comes first. */
function merged(pieces: Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    if (piece.text === '') {
      continue;
    }
    const back = piece.kind === 'gone' && out.at(-1)?.kind === 'new' ? out.length - 2 : out.length - 1;
    const last = out[back];
    if (last?.kind === piece.kind) {
      last.text += piece.text;
    } else if (back === out.length - 1) {
      out.push({ ...piece });
    } else {
      out.splice(out.length - 1, 0, { ...piece });
    }
  }
  return out;
}
