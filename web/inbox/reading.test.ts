// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reading, restAfter } from './reading';

// What the browser would tell of a card that is wholly visible.
let look: (card: Element) => void;

class Observer {
  constructor(tell: (entries: Partial<IntersectionObserverEntry>[]) => void) {
    look = (target) =>
      tell([{ target, isIntersecting: true, intersectionRatio: 1, intersectionRect: { height: 90 } as DOMRect }]);
  }
  observe() {}
  unobserve() {}
  disconnect() {}
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IntersectionObserver', Observer);
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Shows a card and says whether it was read within two seconds. */
function readNow(reading: Reading): boolean {
  const card = document.createElement('div');
  const seen = vi.fn();
  reading.watch(card, seen);
  look(card);
  vi.advanceTimersByTime(2000);
  return seen.mock.calls.length > 0;
}

describe('reading', () => {
  it('takes a second in a page that has the focus', () => {
    const reading = new Reading(document.createElement('div'));
    expect(readNow(reading)).toBe(true);
    vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    expect(readNow(reading)).toBe(false);
    reading.stop();
  });

  it('rests without a sign of the reader', () => {
    const reading = new Reading(document.createElement('div'));
    vi.advanceTimersByTime(restAfter);
    expect(readNow(reading)).toBe(false);
    reading.stop();
  });

  it.each(['wheel', 'pointermove', 'pointerdown', 'keydown', 'touchstart', 'touchmove', 'focus'])(
    'goes on with %s',
    (sign) => {
      const reading = new Reading(document.createElement('div'));
      vi.advanceTimersByTime(restAfter - 1);
      window.dispatchEvent(new Event(sign));
      vi.advanceTimersByTime(restAfter - 3000);
      expect(readNow(reading)).toBe(true);
      vi.advanceTimersByTime(restAfter);
      const card = document.createElement('div');
      const seen = vi.fn();
      reading.watch(card, seen);
      look(card);
      vi.advanceTimersByTime(10_000);
      expect(seen).not.toHaveBeenCalled();
      window.dispatchEvent(new Event(sign)); // it was in view all the time
      vi.advanceTimersByTime(1000);
      expect(seen).toHaveBeenCalledTimes(1);
      reading.stop();
    },
  );
});
