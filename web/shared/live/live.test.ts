import { describe, expect, it } from 'vitest';
import { Connection, type Surroundings, type Told, unknown } from './connection';
import { eventParser } from './sse';
import { type Heard, Switchboard, type Wish } from './switchboard';

/** A server of streams, and a clock that only a test moves. */
class World implements Surroundings {
  now = 0;
  asked: string[] = [];
  answer: () => Response | Promise<Response> = () => this.stream();
  private timers: { at: number; callback: () => void }[] = [];
  private write: ((text: string) => void) | undefined;
  private breakOff: (() => void) | undefined;

  fetch = (async (address: string, init: RequestInit) => {
    this.asked.push(address);
    const response = await this.answer();
    const breakOff = this.breakOff;
    init.signal?.addEventListener('abort', () => breakOff?.());
    return response;
  }) as typeof fetch;

  timer = (callback: () => void, ms: number) => {
    const timer = { at: this.now + ms, callback };
    this.timers.push(timer);
    return timer;
  };

  clearTimer = (timer: unknown) => {
    this.timers = this.timers.filter((t) => t !== timer);
  };

  random = () => 1;

  stream(): Response {
    const body = new ReadableStream<Uint8Array>({
      start: (to) => {
        this.write = (text) => to.enqueue(new TextEncoder().encode(text));
        this.breakOff = () => to.error(new Error('broken off'));
      },
    });
    return new Response(body, { status: 200 });
  }

  async say(text: string): Promise<void> {
    this.write?.(text);
    await settle();
  }

  async cut(): Promise<void> {
    this.breakOff?.();
    await settle();
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.now = next.at;
      this.clearTimer(next);
      next.callback();
      await settle();
    }
    this.now = end;
  }
}

const settle = () => new Promise((r) => setTimeout(r, 5));

function connect(world: World, after = 0) {
  const told: Told[] = [];
  const c = new Connection(
    (known) => `/events?after=${known}`,
    after,
    (t) => told.push(t),
    world,
  );
  const events = () => told.flatMap((t) => (t.kind === 'event' ? [`${t.event} ${t.revision}`] : []));
  const states = () => told.flatMap((t) => (t.kind === 'state' ? [t.state] : []));
  return { c, told, events, states };
}

describe('the parser', () => {
  it('reads events however they are cut', () => {
    const text = ': hello\r\n\r\nid: 7\r\nevent: message\r\ndata: {"a":1}\r\ndata: b\r\n\r\nevent: at\nid:9\ndata\n\n';
    const whole = eventParser()(text);
    expect(whole).toEqual([
      { event: 'message', data: '{"a":1}\nb', id: '7' },
      { event: 'at', data: '', id: '9' },
    ]);
    for (let cut = 0; cut <= text.length; cut++) {
      const parse = eventParser();
      expect([...parse(text.slice(0, cut)), ...parse(text.slice(cut))]).toEqual(whole);
    }
  });

  it('keeps the id for what has none, and tells nothing without data', () => {
    const parse = eventParser();
    expect(parse('id: 3\n\nevent: unread\ndata: {}\n\n')).toEqual([{ event: 'unread', data: '{}', id: '3' }]);
  });
});

describe('a connection', () => {
  it('resumes from the last revision it was told', async () => {
    const world = new World();
    const { c, events, states } = connect(world, 5);
    await settle();
    await world.say('id: 6\nevent: message\ndata: {}\n\n');
    await world.cut();
    expect(states()).toEqual(['open', 'waiting']);
    await world.pass(500);
    await world.say('id: 8\nevent: recalled\ndata: {}\n\n');
    expect(world.asked).toEqual(['/events?after=5', '/events?after=6']);
    expect(events()).toEqual(['message 6', 'recalled 8']);
    c.stop();
  });

  it('waits longer the more often it fails, but never long, and begins anew after a success', async () => {
    const world = new World();
    world.answer = () => Promise.reject(new Error('down'));
    const { c } = connect(world);
    await settle();
    const times: number[] = [];
    for (let seen = world.asked.length; times.length < 8; ) {
      await world.pass(100);
      if (world.asked.length > seen) {
        seen = world.asked.length;
        times.push(world.now);
      }
    }
    const waits = times.map((t, n) => t - (times[n - 1] ?? 0));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    world.answer = () => world.stream();
    await world.pass(15_000);
    await world.cut();
    const before = world.asked.length;
    await world.pass(500);
    expect(world.asked.length).toBe(before + 1);
    c.stop();
  });

  it('takes silence for a broken connection', async () => {
    const world = new World();
    const { c, states } = connect(world);
    await settle();
    await world.pass(35_000);
    await world.say(': still here\n\n');
    await world.pass(35_000);
    expect(states()).toEqual(['open']);
    await world.pass(10_000);
    expect(world.asked.length).toBe(2);
    c.stop();
  });

  it.each([401, 403])('ends when the session has, or the right: %i', async (status) => {
    const world = new World();
    world.answer = () => new Response('', { status });
    const { states } = connect(world);
    await settle();
    await world.pass(60_000);
    expect(states()).toEqual(['ended']);
    expect(world.asked.length).toBe(1);
  });

  it('does not wait out its pause when it is hurried', async () => {
    const world = new World();
    world.answer = () => new Response('', { status: 503 });
    const { c } = connect(world);
    await settle();
    c.hurry();
    await settle();
    expect(world.asked.length).toBe(2);
    c.stop();
    await world.pass(60_000);
    expect(world.asked.length).toBe(2);
  });
});

describe('a switchboard', () => {
  const listen = (board: Switchboard, corpID: string, after: number, more: Partial<Wish> = {}) => {
    const heard: Heard[] = [];
    const following = board.follow({ stream: 'inbox', corpID, after, watch: [], ...more }, (h) => heard.push(h));
    return { heard, ...following };
  };

  it('shares one stream, and tells a latecomer where it stands', async () => {
    const world = new World();
    const board = new Switchboard(world);
    const first = listen(board, 'a', 3);
    await settle();
    await world.say('event: unread\ndata: {"count":1}\n\nid: 9\nevent: message\ndata: {}\n\n');
    const second = listen(board, 'a', 5);
    expect(world.asked).toEqual(['/api/v1/inbox/events?org=a&after=3']);
    expect(first.heard[0]).toEqual({ kind: 'joined', position: 3 });
    expect(second.heard[0]).toEqual({ kind: 'joined', position: 9 });
    expect(second.heard).toContainEqual({ kind: 'event', event: 'unread', data: '{"count":1}', revision: 0 });
    await world.say('id: 10\nevent: message\ndata: {}\n\n');
    expect(first.heard.at(-1)).toEqual(second.heard.at(-1));
    first.leave();
    await world.say('id: 11\nevent: message\ndata: {}\n\n');
    expect(second.heard.at(-1)).toMatchObject({ revision: 11 });
    second.leave();
    await world.pass(60_000);
    expect(world.asked.length).toBe(1);
  });

  it('begins anew for who follows after a session ended', async () => {
    const world = new World();
    world.answer = () => new Response('', { status: 401 });
    const board = new Switchboard(world);
    const first = listen(board, 'a', 3);
    await settle();
    expect(first.heard.at(-1)).toEqual({ kind: 'state', state: 'ended' });
    first.leave();
    world.answer = () => world.stream();
    const second = listen(board, 'a', 4);
    await settle();
    expect(world.asked.length).toBe(2);
    second.leave();
  });

  it('has a stream for the inbox and one for the console, whatever the number of tabs', async () => {
    const world = new World();
    const board = new Switchboard(world);
    const tabs = [...Array(10).keys()].map((n) =>
      n % 2 ? listen(board, 'a', 3) : listen(board, 'a', unknown, { stream: 'console' }),
    );
    await settle();
    expect(world.asked).toEqual(['/api/v1/console/events?org=a&after=', '/api/v1/inbox/events?org=a&after=3']);
    for (const tab of tabs) {
      tab.leave();
    }
  });

  it('watches what all tabs wish, by a stream that takes over without a gap', async () => {
    const world = new World();
    const board = new Switchboard(world);
    const one = listen(board, 'a', unknown, { stream: 'console', watch: ['1'] });
    await settle();
    await world.say('event: counts\ndata: {}\n\nid: 7\nevent: task\ndata: {}\n\n');
    const two = listen(board, 'a', unknown, { stream: 'console', watch: ['1'] });
    two.watch(['2']);
    two.watch(['2', '3']);
    expect(world.asked).toEqual(['/api/v1/console/events?org=a&watch=1&after=']);
    let open: (stream: Response) => void = () => undefined;
    world.answer = () => new Promise((answer) => (open = answer));
    await world.pass(100);
    expect(world.asked[1]).toBe('/api/v1/console/events?org=a&watch=2,1,3&after=7');
    await world.say('id: 8\nevent: task\ndata: {}\n\n');
    expect(one.heard.at(-1)).toMatchObject({ event: 'task', revision: 8 });
    open(world.stream());
    await settle();
    await world.say('id: 9\nevent: task\ndata: {}\n\n');
    for (const { heard } of [one, two]) {
      expect(heard.at(-1)).toMatchObject({ event: 'task', revision: 9 });
      expect(heard).not.toContainEqual({ kind: 'state', state: 'ended' });
    }
    two.watch([]); // less is no reason for another stream
    await world.pass(200);
    expect(world.asked.length).toBe(2);
    one.leave();
    two.leave();
    await world.pass(60_000);
    expect(world.asked.length).toBe(2);
  });

  it('watches 20 tasks at most, and of each tab the first ones', async () => {
    const world = new World();
    const board = new Switchboard(world);
    const one = listen(board, 'a', 1, { stream: 'console', watch: ['99'] });
    const list = listen(board, 'a', 1, { stream: 'console', watch: [...Array(20).keys()].map(String) });
    await settle();
    await world.pass(200);
    expect(world.asked[1]).toContain('&watch=0,99,1,2,');
    expect(world.asked[1]?.split(',').length).toBe(20);
    expect(world.asked.length).toBe(2);
    one.leave();
    list.leave();
  });
});
