// What a tab and the shared worker say to each other.

import type { Heard, Wish } from './switchboard';

/** A tab speaks at least this often; a worker gives up one that has been silent for long. */
export const beat = 20_000;
export const deadAfter = 150_000; // timers of hidden tabs run once a minute

export type ToWorker =
  | { say: 'follow'; line: number; wish: Wish }
  | { say: 'watch'; line: number; watch: readonly string[] }
  | { say: 'leave'; line: number }
  | { say: 'hurry' }
  | { say: 'lost' }
  | { say: 'here' }
  | { say: 'bye' };

/** dropped: the worker took the tab for gone; it has to follow again. */
export type FromWorker = { line: number; heard: Heard } | { line: number; heard?: undefined; dropped: true };
