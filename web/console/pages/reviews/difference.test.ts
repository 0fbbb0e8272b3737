import { describe, expect, it } from 'vitest';
import { difference, type Piece } from './difference';

const read = (pieces: Piece[], kind: 'gone' | 'new') =>
  pieces
    .filter((p) => p.kind === 'same' || p.kind === kind)
    .map((p) => p.text)
    .join('');

describe('the difference of two texts', () => {
  it('is told by words, in Chinese too', () => {
    expect(difference('退款 3 个工作日内到账', '退款 5 个工作日内到账')).toEqual([
      { kind: 'same', text: '退款 ' },
      { kind: 'gone', text: '3' },
      { kind: 'new', text: '5' },
      { kind: 'same', text: ' 个工作日内到账' },
    ]);
    expect(difference('', 'new')).toEqual([{ kind: 'new', text: 'new' }]);
    expect(difference('same', 'same')).toEqual([{ kind: 'same', text: 'same' }]);
  });

  it('gives back both texts, whatever they are', () => {
    const letters = ['a ', 'b ', '退', '款', '\n', '$', '👨‍👩‍👧'];
    let seed = 7;
    const next = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed;
    };
    const text = () => Array.from({ length: next() % 30 }, () => letters[next() % letters.length]).join('');
    for (let n = 0; n < 300; n++) {
      const [before, after] = [text(), text()];
      const pieces = difference(before, after);
      expect([read(pieces, 'gone'), read(pieces, 'new')]).toEqual([before, after]);
      expect(pieces.every((p, i) => p.kind !== pieces[i - 1]?.kind)).toBe(true);
    }
  });

  it('of long texts that share little is quick', () => {
    const text = (word: string) => Array.from({ length: 1100 }, (_, n) => `${word}${n} `).join('');
    const pieces = difference(text('a'), text('b'));
    expect([read(pieces, 'gone'), read(pieces, 'new')]).toEqual([text('a'), text('b')]);
  });
});
