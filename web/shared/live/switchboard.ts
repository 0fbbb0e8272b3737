// Shares one stream per organization among those who follow it. It runs in the
// shared worker, for all tabs of a browser, or in a page, for that page alone.

import { Connection, type Surroundings, streamAddress, type Told } from './connection';

/** What a follower is told: first where the stream stood when it joined. */
export type Heard = Told | { kind: 'joined'; position: number };

interface Line {
  connection: Connection;
  followers: Set<(heard: Heard) => void>;
  unread: Told | undefined;
}

export class Switchboard {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly around?: Surroundings) {}

  /**
   * Follows an organization's events. After is the revision of the page that
   * the follower has fetched. If the stream joined is ahead of it, what lies
   * between was told to others already: the follower has to fetch again, once,
   * and then misses nothing.
   */
  follow(corpID: string, after: number, hear: (heard: Heard) => void): () => void {
    let line = this.lines.get(corpID);
    if (!line) {
      line = this.open(corpID, after);
    }
    line.followers.add(hear);
    hear({ kind: 'joined', position: line.connection.position });
    hear({ kind: 'state', state: line.connection.state });
    if (line.unread) {
      hear(line.unread);
    }
    return () => this.leave(corpID, hear);
  }

  /** Tries broken connections again at once: the network is back, or somebody looks. */
  hurry(): void {
    for (const line of this.lines.values()) {
      line.connection.hurry();
    }
  }

  /** Gives up connections at once: the network is gone, which they would notice late. */
  lost(): void {
    for (const line of this.lines.values()) {
      line.connection.lost();
    }
  }

  private open(corpID: string, after: number): Line {
    const line: Line = { connection: undefined as unknown as Connection, followers: new Set(), unread: undefined };
    this.lines.set(corpID, line);
    line.connection = new Connection(
      streamAddress(corpID),
      after,
      (told) => {
        if (told.kind === 'event' && told.event === 'unread') {
          line.unread = told;
        }
        if (told.kind === 'state' && told.state === 'ended' && this.lines.get(corpID) === line) {
          this.lines.delete(corpID); // who follows later begins anew, perhaps signed in again
        }
        for (const hear of [...line.followers]) {
          hear(told);
        }
      },
      this.around,
    );
    return line;
  }

  private leave(corpID: string, hear: (heard: Heard) => void): void {
    const line = this.lines.get(corpID);
    line?.followers.delete(hear);
    if (line && line.followers.size === 0) {
      line.connection.stop();
      this.lines.delete(corpID);
    }
  }
}
