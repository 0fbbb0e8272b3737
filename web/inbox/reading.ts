// Decides what counts as read: at least half of a card was visible for a
// second, in a page that is visible and has the focus, and whose reader has
// given a sign within the last minute: a page may be left open and looked at by
// nobody. Of a card taller than twice the screen half can never be seen at
// once: there a full screen of it counts.

import { createContext, type RefObject, useContext, useEffect } from 'react';

const second = 1000;
/** So long after the reader's last sign nothing counts as read, in milliseconds. */
export const restAfter = 60_000;
const signs = ['wheel', 'pointermove', 'pointerdown', 'keydown', 'touchstart', 'touchmove', 'focus'] as const;

export class Reading {
  private readonly observer: IntersectionObserver;
  private readonly cards = new Map<
    Element,
    { seen: () => void; visible: boolean; timer?: ReturnType<typeof setTimeout> }
  >();

  private resting: ReturnType<typeof setTimeout> | undefined;
  private awake = true;

  constructor(private readonly root: HTMLElement) {
    const steps = Array.from({ length: 21 }, (_, n) => n / 20);
    this.observer = new IntersectionObserver((entries) => this.moved(entries), { root, threshold: steps });
    document.addEventListener('visibilitychange', this.attend);
    addEventListener('blur', this.attend);
    for (const sign of signs) {
      addEventListener(sign, this.wake, { passive: true, capture: true });
    }
    this.wake();
  }

  /** Calls seen once when the card has been read. */
  watch(card: Element, seen: () => void): () => void {
    this.cards.set(card, { seen, visible: false });
    this.observer.observe(card);
    return () => {
      clearTimeout(this.cards.get(card)?.timer);
      this.cards.delete(card);
      this.observer.unobserve(card);
    };
  }

  stop(): void {
    this.observer.disconnect();
    document.removeEventListener('visibilitychange', this.attend);
    removeEventListener('blur', this.attend);
    for (const sign of signs) {
      removeEventListener(sign, this.wake, { capture: true });
    }
    clearTimeout(this.resting);
    for (const { timer } of this.cards.values()) {
      clearTimeout(timer);
    }
    this.cards.clear();
  }

  private moved(entries: IntersectionObserverEntry[]): void {
    for (const e of entries) {
      const card = this.cards.get(e.target);
      if (card) {
        const screen = this.root.clientHeight * 0.9;
        card.visible = e.isIntersecting && (e.intersectionRatio >= 0.5 || e.intersectionRect.height >= screen);
        this.time(card);
      }
    }
  }

  private wake = (sign?: Event): void => {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.awake = false;
      this.attend();
    }, restAfter);
    if (!this.awake || sign?.type === 'focus') {
      this.awake = true;
      this.attend();
    }
  };

  private attend = (): void => {
    for (const card of this.cards.values()) {
      this.time(card);
    }
  };

  private time(card: { seen: () => void; visible: boolean; timer?: ReturnType<typeof setTimeout> }): void {
    const on = this.awake && card.visible && document.visibilityState === 'visible' && document.hasFocus();
    if (!on) {
      clearTimeout(card.timer);
      delete card.timer;
    } else {
      card.timer ??= setTimeout(card.seen, second);
    }
  }
}

export const ReadingContext = createContext<Reading | null>(null);

/** Watches a card while it is unread. */
export function useReading(card: RefObject<Element | null>, unread: boolean, seen: () => void): void {
  const reading = useContext(ReadingContext);
  // biome-ignore lint/correctness/useExhaustiveDependencies: seen is of the same message as long as it is unread
  useEffect(() => {
    if (reading && unread && card.current) {
      return reading.watch(card.current, seen);
    }
  }, [reading, unread]);
}
