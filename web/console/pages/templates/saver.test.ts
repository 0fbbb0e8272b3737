import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Conflict, Saver, type Saving } from './saver';

/** A server that stores one text, and answers when it is told to. */
class Store {
  text = '';
  edition = 1;
  saves: string[] = [];
  fails = false;
  private waiting: (() => void)[] = [];

  save = async (text: string, edition: number): Promise<number> => {
    this.saves.push(text);
    await new Promise<void>((done) => this.waiting.push(done));
    if (this.fails) {
      throw new Error('away');
    }
    if (edition !== this.edition) {
      throw new Conflict(this.text);
    }
    this.text = text;
    this.edition++;
    return this.edition;
  };

  async answer(): Promise<void> {
    this.waiting.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe('a draft', () => {
  let store: Store;
  let states: Saving['kind'][];
  let saver: Saver<string>;
  beforeEach(() => {
    vi.useFakeTimers();
    store = new Store();
    states = [];
    saver = new Saver({ edition: 1, idle: 20_000, save: store.save, onState: (s) => states.push(s.kind) });
  });
  afterEach(() => vi.useRealTimers());

  it('is saved once its writer has paused', async () => {
    saver.change('a');
    await vi.advanceTimersByTimeAsync(19_000);
    saver.change('ab');
    await vi.advanceTimersByTimeAsync(19_999);
    expect(store.saves).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await store.answer();
    expect([store.text, saver.edition, saver.pending]).toEqual(['ab', 2, false]);
    expect(states).toEqual(['changed', 'changed', 'saving', 'saved']);
  });

  it('is saved one at a time, the newest text last', async () => {
    saver.change('a');
    const all = saver.flush();
    saver.change('b');
    saver.change('c');
    const again = saver.flush();
    expect(store.saves).toEqual(['a']);
    await store.answer();
    await store.answer();
    expect(await Promise.all([all, again])).toEqual([true, true]);
    expect([store.saves, store.text]).toEqual([['a', 'c'], 'c']);
  });

  it('that somebody else has saved is not overwritten until that is settled', async () => {
    store.edition = 7;
    saver.change('mine');
    const first = saver.flush();
    await store.answer();
    expect([await first, states.at(-1)]).toEqual([false, 'conflict']);
    saver.change('mine too');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await saver.flush()).toBe(false);
    expect(store.saves).toEqual(['mine']);
    const settled = saver.settle(7);
    await store.answer();
    expect([await settled, store.text]).toEqual([true, 'mine too']);
  });

  it('that could not be saved is saved with the next try', async () => {
    store.fails = true;
    saver.change('a');
    const first = saver.flush();
    await store.answer();
    expect([await first, states.at(-1), saver.pending]).toEqual([false, 'failed', true]);
    store.fails = false;
    const second = saver.flush();
    await store.answer();
    expect([await second, store.text]).toEqual([true, 'a']);
  });
});
