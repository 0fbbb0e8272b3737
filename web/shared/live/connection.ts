// One event stream of one organization: opened, read, watched over and opened
// again where it broke off, for as long as somebody wants it.

import { eventParser } from './sse';

/** What a stream tells. Revisions are decimal numbers below 2^53. */
export type Told = { kind: 'event'; event: string; data: string; revision: number } | { kind: 'state'; state: State };

/**
 * waiting: not connected, trying. open: connected. ended: the session is over, or
 * the right to the stream; nothing more will come.
 */
export type State = 'waiting' | 'open' | 'ended';

export interface Surroundings {
  fetch: typeof fetch;
  /** Calls back after so many milliseconds; returns what clearTimer takes. */
  timer: (callback: () => void, ms: number) => unknown;
  clearTimer: (timer: unknown) => void;
  random: () => number;
}

const silence = 40_000; // the server writes a comment every 15 seconds
const firstWait = 500;
const longestWait = 15_000;

export class Connection {
  /** The last revision known: what is told next comes after it. */
  position: number;
  state: State = 'waiting';

  private stopped = false;
  private attempt: AbortController | undefined;
  private pause: unknown;
  private failures = 0;

  constructor(
    private readonly address: Address,
    after: number,
    private readonly tell: (told: Told) => void,
    private readonly around: Surroundings = browser(),
  ) {
    this.position = after;
    void this.open();
  }

  /** Ends the connection for good. */
  stop(): void {
    this.stopped = true;
    this.attempt?.abort();
    this.around.clearTimer(this.pause);
  }

  /** Tries at once instead of after the pause it is in. */
  hurry(): void {
    if (this.state === 'waiting' && this.pause !== undefined) {
      this.around.clearTimer(this.pause);
      void this.open();
    }
  }

  /** Gives up the stream it has, and tries for another. */
  lost(): void {
    this.attempt?.abort();
  }

  private async open(): Promise<void> {
    this.pause = undefined;
    const attempt = new AbortController();
    this.attempt = attempt;
    let watchdog: unknown;
    const alive = () => {
      this.around.clearTimer(watchdog);
      watchdog = this.around.timer(() => attempt.abort(), silence);
    };
    try {
      alive();
      const answer = await this.around.fetch(this.address(this.position), {
        signal: attempt.signal,
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
      });
      if (answer.status === 401 || answer.status === 403) {
        this.end();
        return;
      }
      if (answer.ok && answer.body) {
        this.failures = 0;
        this.change('open');
        await this.read(answer.body, alive);
      }
    } catch {
      // The network's or the server's failure: it is tried again below.
    } finally {
      this.around.clearTimer(watchdog);
      attempt.abort();
    }
    this.later();
  }

  private async read(body: ReadableStream<Uint8Array>, alive: () => void): Promise<void> {
    const parse = eventParser();
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.stopped) {
        return;
      }
      alive();
      for (const e of parse(value)) {
        const revision = Number(e.id || 0);
        this.position = revision > 0 ? Math.max(this.position, revision) : this.position;
        this.tell({ kind: 'event', event: e.event, data: e.data, revision });
      }
    }
  }

  // Everybody who lost the same server comes back spread over the pause.
  private later(): void {
    if (this.stopped) {
      return;
    }
    this.change('waiting');
    const most = Math.min(longestWait, firstWait * 2 ** this.failures++);
    this.pause = this.around.timer(() => void this.open(), most / 2 + (this.around.random() * most) / 2);
  }

  private end(): void {
    this.stopped = true;
    this.change('ended');
  }

  private change(state: State): void {
    if (this.state !== state) {
      this.state = state;
      this.tell({ kind: 'state', state });
    }
  }
}

/** The surroundings of a page or a worker. */
export function browser(): Surroundings {
  return {
    fetch: (input, init) => fetch(input, init),
    timer: (callback, ms) => setTimeout(callback, ms),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    random: () => Math.random(),
  };
}

/** The address of a stream that begins after a revision. */
export type Address = (after: number) => string;

/** No revision is known: what is told begins now. */
export const unknown = -1;

/** Where an organization's events are: those of one's inbox, or of the console with the tasks that it watches. */
export function streamAddress(stream: 'inbox' | 'console', corpID: string, watch: readonly string[] = []): Address {
  const watched = watch.length > 0 ? `&watch=${watch.join(',')}` : '';
  return (after) =>
    `/api/v1/${stream}/events?org=${encodeURIComponent(corpID)}${watched}&after=${after === unknown ? '' : after}`;
}
