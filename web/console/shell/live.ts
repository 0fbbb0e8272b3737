// What the server tells of the organization as it happens, and what of it the pages
// show: what they have loaded is loaded again, or its numbers are replaced.

import type { QueryClient } from '@tanstack/react-query';
import type { components } from '../../shared/api/schema.gen';
import { type State, unknown } from '../../shared/live/connection';
import type { Follow, Following, Heard } from '../../shared/live/follow';

type Counts = components['schemas']['TaskCounts'];

/** An event of counts. */
export interface Counted {
  task_id: string;
  counts: Counts;
  counted_at: string;
}

/** What may be loaded of a task, alone or in a list. */
type Countable = { task_id: string; counts: Counts; counted_at: string | null };

const followed = ['tasks', 'task', 'task-log', 'templates', 'template', 'versions', 'log', 'reviews'];
const whileWriting: ReadonlySet<unknown> = new Set(['check', 'plan', 'sendable']);
const calm = 2_000; // between two loads of a list, however much happens

export class Live {
  state: State = 'waiting';

  private readonly listeners = new Set<() => void>();
  private readonly watched = new Set<readonly string[]>(); // of each view that shows tasks
  private readonly waiting = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly stale = new Set<string>();
  private following: Following | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly org: string,
    private readonly follow: Follow,
  ) {}

  /** Follows until the function returned is called. */
  start(): () => void {
    const wish = { stream: 'console' as const, corpID: this.org, after: unknown, watch: this.shown() };
    this.following = this.follow(wish, (heard) => this.hear(heard));
    return () => {
      this.following?.leave();
      this.following = undefined;
      for (const timer of this.waiting.values()) {
        clearTimeout(timer);
      }
      this.waiting.clear();
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): State => this.state;

  /** Has the counts of tasks told until the function returned is called. */
  watch(tasks: readonly string[]): () => void {
    this.watched.add(tasks);
    this.following?.watch(this.shown());
    return () => {
      this.watched.delete(tasks);
      this.following?.watch(this.shown());
    };
  }

  private shown(): readonly string[] {
    return [...this.watched].flat();
  }

  private hear(heard: Heard): void {
    if (heard.kind === 'state') {
      this.changed(heard.state);
    } else if (heard.kind === 'event') {
      this.take(heard.event, heard.data);
    }
  }

  // From here on everything is told; what was loaded before may be old.
  private changed(state: State): void {
    this.state = state;
    for (const listener of this.listeners) {
      listener();
    }
    if (state === 'open') {
      for (const key of followed) {
        void this.queries.invalidateQueries({ queryKey: [key], refetchType: loads() });
      }
      // What is asked while somebody writes is not asked again by itself where it failed.
      void this.queries.refetchQueries({
        type: 'active',
        predicate: ({ queryKey: [key], state: was }) => whileWriting.has(key) && was.status === 'error',
      });
    } else if (state === 'ended') {
      void this.queries.invalidateQueries({ queryKey: ['session'] }); // it says why
    }
  }

  private take(event: string, data: string): void {
    switch (event) {
      case 'task':
      case 'reload':
        this.soon('tasks');
        break;
      case 'changed':
      case 'recalled': {
        const { task_id: id } = JSON.parse(data) as { task_id: string };
        this.soon('tasks');
        this.again('task', this.org, id);
        this.again('task-log', this.org, id);
        break;
      }
      case 'counts':
        this.count(JSON.parse(data) as Counted);
        break;
      case 'template':
        for (const key of ['templates', 'template', 'versions', 'log']) {
          this.soon(key);
        }
        break;
      case 'reviews':
        this.review((JSON.parse(data) as { count: number }).count);
        break;
    }
    if (event === 'reload') {
      this.again('task', this.org);
      this.again('task-log', this.org);
    }
  }

  private count(told: Counted): void {
    const counted = <T extends Countable>(task: T): T =>
      task.task_id === told.task_id && Date.parse(task.counted_at ?? '1970-01-01') < Date.parse(told.counted_at)
        ? { ...task, counts: told.counts, counted_at: told.counted_at }
        : task;
    this.queries.setQueryData<Countable>(['task', this.org, told.task_id], (task) => task && counted(task));
    this.queries.setQueriesData<{ items: Countable[] }>(
      { queryKey: ['tasks', this.org] },
      (page) => page && { ...page, items: page.items.map(counted) },
    );
  }

  // Of templates of others, which are told by nobody, it is the only sign that something was decided.
  private review(count: number): void {
    const known = this.queries.getQueryData<{ count: number }>(['reviews', this.org, 'count']);
    if (known?.count !== count) {
      this.again('reviews', this.org);
      this.again('template', this.org);
    }
  }

  private again(...queryKey: string[]): void {
    void this.queries.invalidateQueries({ queryKey, refetchType: loads() });
  }

  /** Loads again at once, and then every two seconds at most. */
  private soon(key: string): void {
    if (this.waiting.has(key)) {
      this.stale.add(key);
      return;
    }
    this.again(key);
    this.waiting.set(
      key,
      setTimeout(() => {
        this.waiting.delete(key);
        if (this.stale.delete(key)) {
          this.soon(key);
        }
      }, calm),
    );
  }
}

/** A page that nobody looks at loads when somebody does. */
function loads(): 'active' | 'none' {
  return document.visibilityState === 'hidden' ? 'none' : 'active';
}
