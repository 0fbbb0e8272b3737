// Tells the server what was read: in batches, again and again until it has
// heard it, and at the last moment when the page goes away.

import { Refused } from '../shared/api/client';

const gather = 400;
const longestWait = 30_000;
const atOnce = 200;

export class Receipts {
  private readonly waiting = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private sending = false;

  /** Post stores receipts; with last set, the page is going away. Stored is told of those that are. */
  constructor(
    private readonly post: (ids: string[], last: boolean) => Promise<void>,
    private readonly stored: (ids: string[]) => void = () => undefined,
  ) {}

  add(id: string): void {
    this.waiting.add(id);
    this.schedule(gather);
  }

  /** Sends what waits, now or never. */
  last(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.size > 0) {
      void this.post([...this.waiting].slice(0, atOnce), true).catch(() => undefined);
    }
  }

  private schedule(ms: number): void {
    this.timer ??= setTimeout(() => void this.send(), ms);
  }

  private async send(): Promise<void> {
    this.timer = undefined;
    if (this.sending) {
      return;
    }
    this.sending = true;
    const batch = [...this.waiting].slice(0, atOnce);
    try {
      await this.post(batch, false);
      this.failures = 0;
      for (const id of batch) {
        this.waiting.delete(id);
      }
      this.stored(batch);
    } catch (e) {
      this.failures++;
      if (e instanceof Refused && e.status >= 400 && e.status < 500 && e.status !== 429) {
        for (const id of batch) {
          this.waiting.delete(id); // it will not be taken later either
        }
      }
    } finally {
      this.sending = false;
    }
    if (this.waiting.size > 0) {
      this.schedule(this.failures === 0 ? 0 : Math.min(longestWait, gather * 2 ** this.failures));
    }
  }
}
