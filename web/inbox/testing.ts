// What several tests need: messages, and a server and a stream to play with.

import type { Item } from '../shared/api/client';
import type { Follow, Heard } from '../shared/live/follow';
import type { All } from './badge';
import type { Server } from './state';
import type { Page, Unread } from './timeline';

/** A message of revision n. */
export function item(n: number, change: Partial<Item> = {}): Item {
  return {
    message_id: `m${n}`,
    task_id: `t${n}`,
    revision: String(n),
    app: { agent_id: '7', name: 'HR', icon: '' },
    type: 'text',
    title: `title ${n}`,
    preview: '',
    html: `<p>${n}</p>`,
    body: {},
    status_bar: null,
    sent_at: new Date(Date.UTC(2026, 2, 1, 8, 0, n)).toISOString(),
    read_at: null,
    recalled_at: null,
    ...change,
  };
}

/** A server that holds messages and answers when it is told to, or at once. */
export class FakeServer implements Server {
  items: Item[] = [];
  reads: string[][] = [];
  allRead: All[] = [];
  count: Omit<Unread, 'message_ids'> = { count: 0, by_app: {} };
  fails: Error | undefined;
  pageSize = 50;
  /** While true, pages are read at once but answered only by release(). */
  slow = false;
  private waiting: (() => void)[] = [];

  async page(before: string | null, agent: string | null): Promise<Page> {
    if (this.fails) {
      throw this.fails;
    }
    const all = this.items
      .filter(
        (i) => (before === null || Number(i.revision) < Number(before)) && (agent === null || i.app.agent_id === agent),
      )
      .sort((a, b) => Number(b.revision) - Number(a.revision));
    const items = all.slice(0, this.pageSize);
    const page: Page = {
      items,
      next_before: all.length > this.pageSize ? (items.at(-1)?.revision ?? null) : null,
      revision: String(Math.max(0, ...this.items.map((i) => Number(i.revision)))),
    };
    if (this.slow) {
      await new Promise<void>((answer) => this.waiting.push(answer));
    }
    return page;
  }

  async release(): Promise<void> {
    for (const answer of this.waiting.splice(0)) {
      answer();
    }
    await settled();
  }

  async markRead(ids: string[]): Promise<void> {
    if (this.fails) {
      throw this.fails;
    }
    this.reads.push(ids);
  }

  async markAllRead(all: All): Promise<void> {
    if (this.fails) {
      throw this.fails;
    }
    this.allRead.push(all);
  }

  async unread() {
    return this.count;
  }
}

/** A stream that tells what a test wants it to. */
export class FakeStream {
  hears: ((heard: Heard) => void)[] = [];
  after: number[] = [];
  /** Where the stream stands when somebody joins; that one's own revision if undefined. */
  position: number | undefined;

  follow: Follow = ({ after }, hear) => {
    this.after.push(after);
    this.hears.push(hear);
    hear({ kind: 'joined', position: this.position ?? after });
    hear({ kind: 'state', state: 'open' });
    return {
      leave: () => {
        this.hears = this.hears.filter((h) => h !== hear);
      },
      watch: () => undefined,
    };
  };

  tell(event: string, data: unknown, revision = 0): void {
    for (const hear of [...this.hears]) {
      hear({ kind: 'event', event, data: JSON.stringify(data), revision });
    }
  }

  send(i: Item): void {
    this.tell('message', i, Number(i.revision));
  }

  state(state: 'waiting' | 'open' | 'ended'): void {
    for (const hear of [...this.hears]) {
      hear({ kind: 'state', state });
    }
  }
}

/** Lets everything happen that only waits for promises. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) {
    await Promise.resolve();
  }
}
