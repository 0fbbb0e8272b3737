// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refused } from '../shared/api/client';
import { Receipts } from './receipts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('receipts', () => {
  it('travel in one batch', async () => {
    const post = vi.fn(async () => undefined);
    const receipts = new Receipts(post);
    receipts.add('a');
    receipts.add('b');
    receipts.add('a');
    await vi.advanceTimersByTimeAsync(1000);
    expect(post.mock.calls).toEqual([[['a', 'b'], false]]);
  });

  it('are tried again until they arrive', async () => {
    let down = 3;
    const arrived: string[] = [];
    const receipts = new Receipts(async (ids) => {
      if (down-- > 0) {
        throw new Refused(0, 'unreachable', '');
      }
      arrived.push(...ids);
    });
    receipts.add('a');
    await vi.advanceTimersByTimeAsync(500);
    receipts.add('b');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(arrived).toEqual(['a', 'b']);
  });

  it('that are refused for good are given up', async () => {
    const post = vi.fn(async () => {
      throw new Refused(422, 'parameter_invalid', '');
    });
    new Receipts(post).add('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(post).toHaveBeenCalledTimes(1);
  });

  it('go out at once when the page goes away', () => {
    const post = vi.fn(async () => undefined);
    const receipts = new Receipts(post);
    receipts.last();
    expect(post).not.toHaveBeenCalled();
    receipts.add('a');
    receipts.last();
    expect(post.mock.calls).toEqual([[['a'], true]]);
  });
});
