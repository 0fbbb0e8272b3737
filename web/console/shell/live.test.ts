// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Follow, Heard, Wish } from '../../shared/live/follow';
import { Live } from './live';

const counts = { named: 3, sent: 3, read: 0, held: 0, failed: 0, invalid: 0 };

function world() {
  const queries = new QueryClient();
  const told = { wish: undefined as Wish | undefined, watch: [] as string[][], left: 0 };
  let hear: (heard: Heard) => void = () => undefined;
  const follow: Follow = (wish, hears) => {
    told.wish = wish;
    hear = hears;
    return { leave: () => told.left++, watch: (tasks) => told.watch.push([...tasks]) };
  };
  const live = new Live(queries, 'a', follow);
  const again = vi.spyOn(queries, 'invalidateQueries');
  return {
    queries,
    live,
    told,
    say: (event: string, data: unknown) => hear({ kind: 'event', event, data: JSON.stringify(data), revision: 0 }),
    state: (state: 'waiting' | 'open' | 'ended') => hear({ kind: 'state', state }),
    loaded: (key: string) => again.mock.calls.filter(([filters]) => filters?.queryKey?.[0] === key).length,
  };
}

describe('a page of the console', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it('follows the console, and watches what is shown', () => {
    const { live, told } = world();
    const stop = live.start();
    expect(told.wish).toEqual({ stream: 'console', corpID: 'a', after: -1, watch: [] });
    const leave = live.watch(['7']);
    live.watch(['8', '9']);
    leave();
    expect(told.watch).toEqual([['7'], ['7', '8', '9'], ['8', '9']]);
    stop();
    expect(told.left).toBe(1);
  });

  it('loads a list again at once, and then every two seconds at most', () => {
    const { live, say, loaded } = world();
    live.start();
    for (let n = 0; n < 50; n++) {
      say('task', { task_id: String(n) });
      vi.advanceTimersByTime(100);
    }
    expect(loaded('tasks')).toBe(3);
    vi.advanceTimersByTime(10_000);
    expect(loaded('tasks')).toBe(4);
    expect(loaded('task')).toBe(0);
    say('recalled', { task_id: '7', revision: '9' });
    expect([loaded('tasks'), loaded('task'), loaded('task-log')]).toEqual([5, 1, 1]);
  });

  it('loads everything again that may be old once it is told of what happens, and the session when it is over', () => {
    const { live, state, loaded } = world();
    live.start();
    const states: string[] = [];
    live.subscribe(() => states.push(live.snapshot()));
    state('open');
    state('waiting');
    state('open');
    expect(['tasks', 'task', 'templates', 'template', 'reviews'].map(loaded)).toEqual([2, 2, 2, 2, 2]);
    expect(loaded('session')).toBe(0);
    state('ended');
    expect(loaded('session')).toBe(1);
    expect(states).toEqual(['open', 'waiting', 'open', 'ended']);
  });

  it('replaces numbers by newer ones, alone and in lists', () => {
    const { live, queries, say } = world();
    live.start();
    const old = { task_id: '7', counts, counted_at: '2026-03-02T08:00:00.5Z' };
    const other = { task_id: '8', counts, counted_at: null };
    queries.setQueryData(['task', 'a', '7'], old);
    queries.setQueryData(['tasks', 'a', 50], { items: [old, other] });
    const read = (n: number, at: string) =>
      say('counts', { task_id: '7', counts: { ...counts, read: n }, counted_at: at });
    read(1, '2026-03-02T08:00:00Z'); // an older one
    expect(queries.getQueryData(['task', 'a', '7'])).toBe(old);
    read(2, '2026-03-02T08:00:00.55Z');
    expect(queries.getQueryData(['task', 'a', '7'])).toMatchObject({ counts: { read: 2 } });
    const page = queries.getQueryData<{ items: unknown[] }>(['tasks', 'a', 50]);
    expect(page?.items).toEqual([
      { ...old, counts: { ...counts, read: 2 }, counted_at: '2026-03-02T08:00:00.55Z' },
      other,
    ]);
  });

  it('loads reviews again when another number waits', () => {
    const { live, queries, say, loaded } = world();
    live.start();
    queries.setQueryData(['reviews', 'a', 'count'], { count: 2 });
    say('reviews', { count: 2 });
    expect(loaded('reviews')).toBe(0);
    say('reviews', { count: 3 });
    expect(loaded('reviews')).toBe(1);
    say('template', { template_id: 'x', state: 'in_review' });
    expect([loaded('templates'), loaded('versions')]).toEqual([1, 1]);
  });
});
