// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refused } from '../shared/api/client';
import { Inbox, undoFor } from './model';
import { FakeServer, FakeStream, item, settled } from './testing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function started(revisions: number[], change: (s: FakeServer, st: FakeStream) => void = () => undefined) {
  const server = new FakeServer();
  server.items = revisions.map((n) => item(n));
  const stream = new FakeStream();
  change(server, stream);
  const inbox = new Inbox('corp', server, stream.follow, null, 0);
  inbox.start();
  await settled();
  const ids = () => inbox.state.timeline.items.map((i) => i.message_id);
  return { server, stream, inbox, ids };
}

describe('an inbox', () => {
  it('shows the newest page and follows from its revision', async () => {
    const { inbox, stream, ids } = await started([1, 2, 3]);
    expect(ids()).toEqual(['m1', 'm2', 'm3']);
    expect(inbox.state).toMatchObject({ phase: 'ready', live: 'open' });
    expect(stream.after).toEqual([3]);
    stream.send(item(4));
    expect(ids()).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  it('fetches again when the stream it joined is ahead of its page', async () => {
    const { server, stream, inbox, ids } = await started([1, 2], (s, st) => {
      s.slow = true;
      st.position = 5; // told to other tabs already
    });
    server.items.push(item(3), item(5)); // after the page was read
    await server.release(); // the page, of revision 2
    stream.send(item(6)); // while the second page is on its way
    server.items.push(item(6));
    await server.release();
    expect(ids()).toEqual(['m1', 'm2', 'm3', 'm5', 'm6']);
    expect(inbox.state.timeline.revision).toBe(6);
  });

  it('does not bring back what was recalled while a page was on its way', async () => {
    const { server, stream, inbox } = await started([3, 4], (s) => {
      s.items.unshift(item(1), item(2));
      s.pageSize = 2;
    });
    server.slow = true;
    void inbox.loadOlder();
    await settled();
    stream.tell('recalled', { message_id: 'm1', task_id: 't1', revision: '1', recalled_at: 'now' }, 9);
    await server.release();
    expect(inbox.state.timeline.items[0]).toMatchObject({ message_id: 'm1', html: '', recalled_at: 'now' });
  });

  it('takes everything anew when a gap cannot be told', async () => {
    const { server, stream, ids } = await started([1, 2]);
    server.items = [item(2), item(7)];
    stream.tell('reload', {}, 7);
    await settled();
    expect(ids()).toEqual(['m2', 'm7']);
  });

  it('loads older messages once at a time, to the end', async () => {
    const { server, inbox, ids } = await started([1, 2, 3, 4, 5], (s) => {
      s.pageSize = 2;
    });
    expect(ids()).toEqual(['m4', 'm5']);
    void inbox.loadOlder();
    void inbox.loadOlder();
    await settled();
    expect(ids()).toEqual(['m2', 'm3', 'm4', 'm5']);
    server.fails = new Refused(0, 'unreachable', '');
    await inbox.loadOlder();
    expect(inbox.state).toMatchObject({ older: 'failed', phase: 'ready' });
    server.fails = undefined;
    await inbox.loadOlder();
    expect(ids()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(inbox.state.timeline.older).toBeNull();
  });

  it('goes back for the first unread message as far as it takes', async () => {
    const { stream, inbox } = await started(
      Array.from({ length: 9 }, (_, n) => n + 1),
      (s) => {
        s.pageSize = 2;
      },
    );
    const ids = ['m9', 'm8', 'm7', 'm6', 'm5', 'm4'];
    stream.tell('unread', { count: 6, by_app: { '7': 6 }, message_ids: ids });
    expect(await inbox.firstUnread()).toBe('m4');
    expect(inbox.state.timeline.items[0]?.message_id).toBe('m4');
  });

  it('shows what came while the reader was away as new', async () => {
    const { stream, inbox } = await started([1]);
    inbox.away();
    inbox.back();
    expect(inbox.state.seenBefore).toBe(0);
    inbox.away();
    stream.send(item(2));
    inbox.back();
    expect(inbox.state.seenBefore).toBe(1);
  });

  it('counts what came while the reader looked at older messages', async () => {
    const { stream, inbox } = await started([1]);
    inbox.at(false);
    stream.send(item(2));
    stream.send(item(3));
    stream.send(item(3));
    expect(inbox.state.missed).toBe(2);
    expect(inbox.state.arrived).toEqual({ count: 2, app: 'HR' });
    inbox.at(true);
    expect(inbox.state.missed).toBe(0);
  });

  it('shows one app and leaves out what others send', async () => {
    const other = { app: { agent_id: '8', name: 'IT', icon: '' } };
    const { server, stream, inbox, ids } = await started([1]);
    server.items.push(item(2, other));
    inbox.show('8');
    await settled();
    expect(ids()).toEqual(['m2']);
    stream.send(item(3));
    stream.send(item(4, other));
    expect(ids()).toEqual(['m2', 'm4']);
  });

  it('drops what an earlier choice still brings', async () => {
    const { server, inbox, ids } = await started([1]);
    server.slow = true;
    server.items.push(item(2, { app: { agent_id: '8', name: '', icon: '' } }));
    inbox.show('8');
    inbox.show(null);
    await server.release();
    expect(ids()).toEqual(['m1', 'm2']);
  });

  it('says when it cannot be loaded, and when the session is over', async () => {
    const { server, stream, inbox } = await started([1], (s) => {
      s.fails = new Refused(503, 'unavailable', '');
    });
    expect(inbox.state.phase).toBe('failed');
    server.fails = undefined;
    inbox.retry();
    await settled();
    expect(inbox.state.phase).toBe('ready');
    stream.state('ended');
    expect(inbox.state.phase).toBe('ended');
  });
});

describe('reading', () => {
  it('lets the badge fall at once and tells the server soon', async () => {
    const { server, stream, inbox } = await started([1, 2]);
    stream.tell('unread', { count: 2, by_app: { '7': 2 }, message_ids: ['m2', 'm1'] });
    inbox.read(item(1));
    inbox.read(item(1));
    expect(inbox.state.badge).toEqual({ count: 1, byApp: { '7': 1 } });
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.reads).toEqual([['m1']]);
    // A count made before the receipt was stored does not make it rise again.
    stream.tell('unread', { count: 2, by_app: { '7': 2 }, message_ids: ['m2', 'm1'] });
    expect(inbox.state.badge.count).toBe(1);
  });

  it('counts what was read, until the server does, also beyond what it names', async () => {
    const quiet = { app: { agent_id: '8', name: 'IT', icon: '' } };
    const { server, stream, inbox } = await started([2], (s) => void s.items.unshift(item(1, quiet)));
    const told = (left: number) => ({ count: 100, by_app: { '7': 100, '8': left }, message_ids: ['m2'] });
    stream.tell('unread', told(3));
    inbox.read(item(1, quiet));
    stream.tell('unread', told(3)); // made before the receipt was stored
    expect(inbox.state.badge.byApp['8']).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.reads).toEqual([['m1']]);
    stream.tell('unread', told(2));
    expect(inbox.state.badge.byApp['8']).toBe(2);
  });

  it('takes over what other tabs and devices read', async () => {
    const { stream, inbox } = await started([1, 2]);
    stream.tell('unread', { count: 2, by_app: { '7': 2 }, message_ids: ['m2', 'm1'] });
    stream.tell('unread', { count: 1, by_app: { '7': 1 }, message_ids: ['m2'] });
    expect(inbox.state.timeline.items.map((i) => i.read_at !== null)).toEqual([true, false]);
  });

  it('does not take a message for read that an older count could not know', async () => {
    const { stream, inbox } = await started([1]);
    stream.tell('unread', { count: 1, by_app: { '7': 1 }, message_ids: ['m1'] });
    stream.send(item(2));
    stream.tell('unread', { count: 1, by_app: { '7': 1 }, message_ids: ['m1'] });
    expect(inbox.state.timeline.items[1]?.read_at).toBeNull();
  });
});

describe('marking everything as read', () => {
  it('waits, and is told with the revision that was shown', async () => {
    const { server, stream, inbox } = await started([1, 2]);
    stream.tell('unread', { count: 2, by_app: { '7': 2 }, message_ids: ['m2', 'm1'] });
    inbox.readAll();
    expect(inbox.state.badge.count).toBe(0);
    stream.send(item(3));
    expect(inbox.state.badge.count).toBe(1);
    await vi.advanceTimersByTimeAsync(undoFor - 1);
    expect(server.allRead).toEqual([]);
    server.count = { count: 1, by_app: { '7': 1 } };
    await vi.advanceTimersByTimeAsync(1);
    expect(server.allRead).toEqual([{ through: 2, agent: null }]);
    expect(inbox.state.badge.count).toBe(1);
    expect(inbox.state.timeline.items.map((i) => i.read_at !== null)).toEqual([true, true, false]);
  });

  it('is for the app that is shown, and for the next one after it', async () => {
    const other = { app: { agent_id: '8', name: 'IT', icon: '' } };
    const { server, stream, inbox } = await started([1, 2], (s) => void s.items.push(item(3, other)));
    stream.tell('unread', { count: 3, by_app: { '7': 2, '8': 1 }, message_ids: ['m3', 'm2', 'm1'] });
    inbox.show('7');
    await settled();
    inbox.readAll();
    expect(inbox.state.badge).toEqual({ count: 1, byApp: { '7': 0, '8': 1 } });
    inbox.show('8');
    await settled();
    server.count = { count: 1, by_app: { '8': 1 } };
    inbox.readAll();
    await settled();
    expect(server.allRead).toEqual([{ through: 3, agent: '7' }]);
    expect(inbox.state.badge).toEqual({ count: 0, byApp: { '8': 0 } });
    await vi.advanceTimersByTimeAsync(undoFor);
    expect(server.allRead.at(-1)).toEqual({ through: 3, agent: '8' });
  });

  it('is for what was known before, while an app is still loading', async () => {
    const { server, stream, inbox } = await started([1, 2]);
    stream.tell('unread', { count: 2, by_app: { '7': 2 }, message_ids: ['m2', 'm1'] });
    server.slow = true;
    inbox.show('7');
    inbox.readAll();
    inbox.lastWords();
    expect(server.allRead).toEqual([{ through: 2, agent: '7' }]);
  });

  it('can be taken back', async () => {
    const { server, stream, inbox } = await started([1]);
    stream.tell('unread', { count: 1, by_app: { '7': 1 }, message_ids: ['m1'] });
    inbox.readAll();
    inbox.undoReadAll();
    expect(inbox.state.badge.count).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.allRead).toEqual([]);
  });

  it('is told at the last moment when the page goes away', async () => {
    const { server, inbox } = await started([1]);
    inbox.readAll();
    inbox.lastWords();
    expect(server.allRead).toEqual([{ through: 1, agent: null }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.allRead).toHaveLength(1);
  });

  it('shows everything as it was when it could not be stored', async () => {
    const { server, stream, inbox } = await started([1]);
    stream.tell('unread', { count: 1, by_app: { '7': 1 }, message_ids: ['m1'] });
    inbox.readAll();
    server.fails = new Refused(503, 'unavailable', '');
    await vi.advanceTimersByTimeAsync(undoFor);
    expect(inbox.state).toMatchObject({ badge: { count: 1 }, readAllFailed: { through: 1, agent: null } });
  });
});
