// What the inbox asks of the server, and what its views read.

import type { State as LiveState } from '../shared/live/connection';
import type { All, Badge, Here } from './badge';
import type { Page, Timeline, Unread } from './timeline';

/** What the model asks of the server. */
export interface Server {
  page(before: string | null, agent: string | null): Promise<Page>;
  markRead(ids: string[], last: boolean): Promise<void>;
  markAllRead(all: All, last: boolean): Promise<void>;
  unread(): Promise<Omit<Unread, 'message_ids'>>;
}

export interface State {
  phase: 'loading' | 'ready' | 'failed' | 'ended';
  timeline: Timeline;
  agent: string | null;
  older: 'idle' | 'loading' | 'failed';
  live: LiveState;
  badge: Badge;
  here: Here;
  /** What could not be marked as read. */
  readAllFailed: All | null;
  /** How many messages have come since the page was opened, and from whom the last. */
  arrived: { count: number; app: string };
  /** Messages that came while the reader looked at older ones. */
  missed: number;
  /** The newest revision of the last visit; 0 at the first. */
  seenBefore: number;
}
