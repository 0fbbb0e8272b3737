// Shares one stream per organization and page, the inbox's and the console's, among
// those who follow it. It runs in the shared worker, for all tabs of a browser, or in
// a page, for that page alone.

import { browser, Connection, type Surroundings, streamAddress, type Told } from './connection';

/** What a follower is told: first where the stream stood when it joined. */
export type Heard = Told | { kind: 'joined'; position: number };

/** What somebody wants to follow. */
export interface Wish {
  stream: 'inbox' | 'console';
  corpID: string;
  /** The revision of the page that the follower has fetched, or unknown. */
  after: number;
  /** Tasks whose counts the follower shows; the console's only. */
  watch: readonly string[];
}

/** What somebody does with what they follow. */
export interface Following {
  leave: () => void;
  /** Watches other tasks from now on. */
  watch: (tasks: readonly string[]) => void;
}

interface Line {
  connection: Connection;
  /** Replaces the connection as soon as it is open. */
  next: Connection | undefined;
  followers: Map<(heard: Heard) => void, Wish>;
  unread: Told | undefined;
  /** What the newest of the connections watches. */
  watched: readonly string[];
  timer: unknown;
}

const mostWatched = 20; // the server's limit
const pause = 100; // a tab that leaves one task and shows another wishes twice

export class Switchboard {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly around: Surroundings = browser()) {}

  /**
   * Follows a stream. If the stream joined is ahead of the revision wished for, what
   * lies between was told to others already: the follower has to fetch again, once,
   * and then misses nothing.
   */
  follow(wish: Wish, hear: (heard: Heard) => void): Following {
    const key = `${wish.stream} ${wish.corpID}`;
    const line = this.lines.get(key) ?? this.open(key, wish);
    line.followers.set(hear, wish);
    this.align(line, wish);
    hear({ kind: 'joined', position: line.connection.position });
    hear({ kind: 'state', state: line.connection.state });
    if (line.unread) {
      hear(line.unread);
    }
    return {
      leave: () => this.leave(key, hear),
      watch: (watch) => {
        if (line.followers.delete(hear)) {
          line.followers.set(hear, { ...wish, watch }); // the latest wish is the last
          this.align(line, wish);
        }
      },
    };
  }

  /** Tries broken connections again at once: the network is back, or somebody looks. */
  hurry(): void {
    for (const line of this.lines.values()) {
      line.connection.hurry();
      line.next?.hurry();
    }
  }

  /** Gives up connections at once: the network is gone, which they would notice late. */
  lost(): void {
    for (const line of this.lines.values()) {
      line.connection.lost();
      line.next?.lost();
    }
  }

  private open(key: string, wish: Wish): Line {
    const line: Line = {
      connection: undefined as unknown as Connection,
      next: undefined,
      followers: new Map(),
      unread: undefined,
      watched: wish.watch,
      timer: undefined,
    };
    this.lines.set(key, line);
    line.connection = this.connect(key, line, wish, wish.after);
    return line;
  }

  private connect(key: string, line: Line, { stream, corpID }: Wish, after: number): Connection {
    const connection: Connection = new Connection(
      streamAddress(stream, corpID, line.watched),
      after,
      (told) => {
        if (connection === line.next) {
          this.replace(line, told);
        }
        if (connection === line.connection) {
          this.tell(key, line, told);
        }
      },
      this.around,
    );
    return connection;
  }

  private tell(key: string, line: Line, told: Told): void {
    if (told.kind === 'event' && told.event === 'unread') {
      line.unread = told;
    }
    if (told.kind === 'state' && told.state === 'ended' && this.lines.get(key) === line) {
      this.close(key, line); // who follows later begins anew, perhaps signed in again
    }
    for (const hear of [...line.followers.keys()]) {
      hear(told);
    }
  }

  /** The old connection tells until the new one is there, so between them nothing is missing. */
  private replace(line: Line, told: Told): void {
    if (!line.next || told.kind !== 'state' || told.state === 'waiting') {
      return;
    }
    line.connection.stop();
    line.connection = line.next;
    line.next = undefined;
  }

  /** Has the stream watch what all followers wish, as soon as they wish for more. */
  private align(line: Line, wish: Wish): void {
    const key = `${wish.stream} ${wish.corpID}`;
    this.around.clearTimer(line.timer);
    if (this.lines.get(key) !== line || this.wished(line).every((task) => line.watched.includes(task))) {
      return;
    }
    line.timer = this.around.timer(() => {
      line.watched = this.wished(line);
      line.next?.stop();
      line.next = this.connect(key, line, wish, line.connection.position);
    }, pause);
  }

  /**
   * The tasks that are to be watched, as many as the server allows: the first of each
   * follower, then the second of each, so that a list leaves room for a single task.
   */
  private wished({ followers }: Line): readonly string[] {
    const wishes = [...followers.values()].reverse().map((wish) => wish.watch);
    const longest = Math.max(0, ...wishes.map((tasks) => tasks.length));
    const all = Array.from({ length: longest }, (_, n) => wishes.flatMap((tasks) => tasks[n] ?? [])).flat();
    return [...new Set(all)].slice(0, mostWatched);
  }

  private leave(key: string, hear: (heard: Heard) => void): void {
    const line = this.lines.get(key);
    if (line?.followers.delete(hear) && line.followers.size === 0) {
      this.close(key, line);
    }
  }

  private close(key: string, line: Line): void {
    this.around.clearTimer(line.timer);
    line.connection.stop();
    line.next?.stop();
    this.lines.delete(key);
  }
}
