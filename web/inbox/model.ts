// One organization's inbox as a page shows it: what the server has told, what
// the reader has done, and how the two come together. Views read its state and
// call its verbs; nothing else talks to the server about messages.

import type { Item } from '../shared/api/client';
import { Refused } from '../shared/api/client';
import type { Follow, Heard } from '../shared/live/follow';
import { unreadHere, unreadOf } from './above';
import { type All, badge, concerns, isUnread } from './badge';
import { Receipts } from './receipts';
import type { Server, State } from './state';
import * as timeline from './timeline';

/** How long "mark all read" may be taken back. */
export const undoFor = 5000;

export class Inbox {
  state: State;
  private unread: timeline.Unread = { count: 0, by_app: {}, message_ids: [] };
  private readonly named = new Set<string>();
  private readonly readHere = new Map<string, string>();
  private readonly untold = new Set<string>();
  private readonly stored = new Set<string>(); // of the untold; the next count has them
  private readonly receipts: Receipts;
  private readonly listeners = new Set<() => void>();
  private leave: (() => void) | undefined;
  private round = 0;
  private undoTimer: ReturnType<typeof setTimeout> | undefined;
  private atNewest = true;
  private leftAt = 0;
  private readonly logs = new Set<[event: string, data: string][]>();

  constructor(
    private readonly corpID: string,
    private readonly server: Server,
    private readonly follow: Follow,
    agent: string | null,
    seenBefore: number,
  ) {
    this.receipts = new Receipts(
      (ids, last) => this.server.markRead(ids, last),
      (ids) => {
        for (const id of ids) {
          this.stored.add(id);
        }
      },
    );
    this.state = {
      phase: 'loading',
      timeline: timeline.nothing,
      agent,
      older: 'idle',
      live: 'waiting',
      badge: { count: 0, byApp: {} },
      here: this.here(null),
      readAllFailed: null,
      arrived: { count: 0, app: '' },
      missed: 0,
      seenBefore,
    };
  }

  /** Loads the newest page and follows what comes. */
  start(): void {
    void this.load();
  }

  /** Ends it; what was read is told as the last thing. */
  stop(): void {
    this.lastWords();
    this.leave?.();
    this.round++;
  }

  subscribe = (tell: () => void): (() => void) => {
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  };

  snapshot = (): State => this.state;

  /** Shows the messages of one app, or of all. */
  show(agent: string | null): void {
    if (agent !== this.state.agent) {
      // Of no messages, but as of the same revision: all may be marked as read before the page comes.
      const { revision } = this.state.timeline;
      this.set({ agent, phase: 'loading', timeline: { ...timeline.nothing, revision }, older: 'idle', missed: 0 });
      void this.load();
    }
  }

  retry(): void {
    this.set({ phase: 'loading' });
    void this.load();
  }

  /** Tries again without a word until it succeeds. */
  heal(): void {
    void this.load();
  }

  /** Goes to the newest message, fetching it if it was let go of. */
  async newest(): Promise<void> {
    if (!this.state.timeline.whole) {
      await this.load();
    }
    this.set({ missed: 0 });
  }

  async loadOlder(): Promise<void> {
    const { timeline: now, older, phase, agent } = this.state;
    if (now.older === null || older === 'loading' || phase !== 'ready') {
      return;
    }
    const round = this.round;
    // Apart from the page that comes: whoever draws this sees one end change at a time.
    this.set({ older: 'loading', timeline: timeline.letGoOfNewest(now) });
    try {
      const [page, meanwhile] = await this.page(now.older, agent);
      if (round === this.round) {
        this.set({ timeline: timeline.withOlder(this.state.timeline, page), older: 'idle' });
        this.takeAll(meanwhile);
      }
    } catch (e) {
      if (round === this.round) {
        this.fail(e, { older: 'failed' });
      }
    }
  }

  /** Finds the first unread message, fetching older ones for a while; undefined if there is none. */
  async firstUnread(): Promise<string | undefined> {
    const pages = 10;
    const { agent } = this.state;
    const round = this.round;
    for (let n = 0; n < pages && round === this.round; n++) {
      const { timeline: now, badge: count, here } = this.state;
      if (now.older === null || unreadHere(now.items, here) >= unreadOf(count, agent)) {
        break;
      }
      await this.loadOlder();
      if (this.state.older !== 'idle') {
        break; // it failed, and says so
      }
    }
    return this.state.timeline.items.find((i) => isUnread(i, this.state.here))?.message_id;
  }

  /** The reader has turned away: what comes now is new to them when they come back. */
  away(): void {
    this.leftAt = this.state.timeline.revision;
  }

  back(): void {
    if (this.leftAt > 0 && this.state.timeline.revision > this.leftAt) {
      this.set({ seenBefore: this.leftAt });
    }
    this.leftAt = 0;
  }

  /** Says whether the reader is at the newest message. */
  at(newest: boolean): void {
    this.atNewest = newest;
    if (newest) {
      const kept = timeline.letGoOfOldest(this.state.timeline);
      if (this.state.missed !== 0 || kept !== this.state.timeline) {
        this.set({ missed: 0, timeline: kept });
      }
    }
  }

  /** The reader has seen or opened a message. */
  read(item: Item): void {
    if (item.read_at !== null || item.recalled_at !== null || this.readHere.has(item.message_id)) {
      return;
    }
    this.readHere.set(item.message_id, item.app.agent_id);
    this.untold.add(item.message_id);
    this.receipts.add(item.message_id);
    this.set({});
  }

  /** Marks as read, five seconds from now, what the app that is shown has sent, or what all have. */
  readAll(agent = this.state.agent): void {
    if (this.state.here.all) {
      void this.readAllNow(false).then(() => this.readAll(agent)); // the one before is not taken back any more
      return;
    }
    this.set({ here: this.here({ through: this.state.timeline.revision, agent }), readAllFailed: null });
    this.undoTimer = setTimeout(() => void this.readAllNow(false), undoFor);
  }

  private here(all: All | null): State['here'] {
    return { read: this.readHere, untold: this.untold, all };
  }

  undoReadAll(): void {
    clearTimeout(this.undoTimer);
    this.undoTimer = undefined;
    this.set({ here: this.here(null) });
  }

  /** Tells the server what it would otherwise never learn. */
  lastWords(): void {
    this.receipts.last();
    if (this.undoTimer !== undefined) {
      void this.readAllNow(true);
    }
  }

  private async readAllNow(last: boolean): Promise<void> {
    clearTimeout(this.undoTimer);
    this.undoTimer = undefined;
    const { all } = this.state.here;
    if (!all) {
      return;
    }
    try {
      await this.server.markAllRead(all, last);
      const at = new Date().toISOString();
      const ids = this.state.timeline.items.filter((i) => concerns(all, i)).map((i) => i.message_id);
      this.unread = { ...this.unread, ...(await this.server.unread()), message_ids: [] };
      this.set({
        timeline: timeline.read(this.state.timeline, new Set(ids), at),
        here: this.here(null),
      });
    } catch (e) {
      this.fail(e, { here: this.here(null), readAllFailed: all });
    }
  }

  // Each load is a round; what an earlier one still brings is dropped.
  private async load(): Promise<void> {
    const round = ++this.round;
    this.leave?.();
    this.leave = undefined;
    try {
      const [page] = await this.page(null, this.state.agent);
      if (round !== this.round) {
        return;
      }
      this.set({ phase: 'ready', timeline: timeline.fromPage(page), older: 'idle', missed: 0 });
      const wish = { stream: 'inbox' as const, corpID: this.corpID, after: Number(page.revision), watch: [] };
      this.leave = this.follow(wish, (heard) => {
        if (round === this.round) {
          this.hear(heard);
        }
      }).leave;
    } catch (e) {
      if (round === this.round) {
        this.fail(e, { phase: 'failed' });
      }
    }
  }

  // The stream joined may be ahead of the page, or a gap may not be told: what
  // is missing is in the page as it is now.
  private async refresh(): Promise<void> {
    const round = this.round;
    try {
      const [page, meanwhile] = await this.page(null, this.state.agent);
      if (round === this.round) {
        this.set({ timeline: timeline.fromPage(page), missed: 0 });
        this.takeAll(meanwhile);
      }
    } catch (e) {
      if (round === this.round) {
        this.fail(e, { phase: 'failed' });
      }
    }
  }

  // A page with what was heard while it was on its way: the page may have been
  // read before a recall that was told before the page came.
  private async page(before: string | null, agent: string | null) {
    const meanwhile: [event: string, data: string][] = [];
    this.logs.add(meanwhile);
    try {
      return [await this.server.page(before, agent), meanwhile] as const;
    } finally {
      this.logs.delete(meanwhile);
    }
  }

  private takeAll(events: [event: string, data: string][]): void {
    for (const [event, data] of events) {
      this.take(event, data);
    }
  }

  private hear(heard: Heard): void {
    if (heard.kind === 'joined') {
      if (heard.position > this.state.timeline.revision) {
        void this.refresh();
      }
    } else if (heard.kind === 'state') {
      this.set(heard.state === 'ended' ? { live: 'ended', phase: 'ended' } : { live: heard.state });
    } else {
      for (const log of this.logs) {
        log.push([heard.event, heard.data]);
      }
      this.take(heard.event, heard.data);
    }
  }

  private take(event: string, data: string): void {
    switch (event) {
      case 'message':
        this.arrived(JSON.parse(data) as Item);
        break;
      case 'changed':
        this.set({ timeline: timeline.replaced(this.state.timeline, JSON.parse(data) as Item) });
        break;
      case 'recalled':
        this.set({ timeline: timeline.withoutContent(this.state.timeline, JSON.parse(data) as timeline.Tombstone) });
        break;
      case 'unread':
        this.counted(JSON.parse(data) as timeline.Unread);
        break;
      case 'reload':
        void this.refresh();
        break;
    }
  }

  private arrived(item: Item): void {
    const { agent, missed, arrived } = this.state;
    if (agent !== null && item.app.agent_id !== agent) {
      return;
    }
    const known = this.state.timeline.items.some((i) => i.message_id === item.message_id);
    this.set({
      timeline: timeline.withMessage(this.state.timeline, item),
      missed: this.atNewest || known ? missed : missed + 1,
      arrived: known ? arrived : { count: arrived.count + 1, app: item.app.name },
    });
  }

  private counted(unread: timeline.Unread): void {
    const now = timeline.readElsewhere(this.state.timeline, this.named, unread, new Date().toISOString());
    this.unread = unread;
    for (const id of unread.message_ids) {
      this.named.add(id);
    }
    for (const id of this.stored) {
      this.untold.delete(id);
    }
    this.stored.clear();
    this.set({ timeline: now });
  }

  private fail(e: unknown, then: Partial<State>): void {
    this.set(e instanceof Refused && e.status === 401 ? { phase: 'ended' } : then);
  }

  private set(change: Partial<State>): void {
    const next = { ...this.state, ...change };
    next.badge = badge(this.unread, next.here, next.timeline.items);
    this.state = next;
    for (const tell of this.listeners) {
      tell();
    }
  }
}
