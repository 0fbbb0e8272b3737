import { describe, expect, it } from 'vitest';
import { item } from './testing';
import * as timeline from './timeline';

const page = (revisions: number[], next: number | null, revision: number): timeline.Page => ({
  items: revisions.map((n) => item(n)),
  next_before: next === null ? null : String(next),
  revision: String(revision),
});
const ids = (t: timeline.Timeline) => t.items.map((i) => i.message_id);

describe('a timeline', () => {
  it('is the page turned round', () => {
    const t = timeline.fromPage(page([9, 5, 3], 3, 10));
    expect(ids(t)).toEqual(['m3', 'm5', 'm9']);
    expect(t).toMatchObject({ older: '3', whole: true, revision: 10 });
  });

  it('grows at its older end without repeating anything', () => {
    let t = timeline.fromPage(page([9, 8], 8, 10));
    t = timeline.withOlder(t, page([8, 7, 6], null, 10));
    expect(ids(t)).toEqual(['m6', 'm7', 'm8', 'm9']);
    expect(t.older).toBeNull();
  });

  it('takes a new message once, and in its place', () => {
    let t = timeline.fromPage(page([9, 5], null, 9));
    t = timeline.withMessage(t, item(11));
    t = timeline.withMessage(t, item(11));
    t = timeline.withMessage(t, item(10));
    expect(ids(t)).toEqual(['m5', 'm9', 'm10', 'm11']);
    expect(t.revision).toBe(11);
  });

  it('keeps that a message was read when it changes', () => {
    let t = timeline.fromPage(page([5], null, 5));
    t = timeline.read(t, new Set(['m5']), 'then');
    t = timeline.replaced(t, item(5, { html: 'changed' }));
    expect(t.items[0]).toMatchObject({ html: 'changed', read_at: 'then' });
    t = timeline.read(t, new Set(['m5']), 'later');
    expect(t.items[0]?.read_at).toBe('then');
  });

  it('leaves nothing of a recalled message', () => {
    let t = timeline.fromPage({
      items: [item(5, { body: { image: '@x' }, status_bar: { value: 'v', background: '' } })],
      next_before: null,
      revision: '5',
    });
    t = timeline.withoutContent(t, { message_id: 'm5', task_id: 't5', revision: '5', recalled_at: 'now' });
    expect(t.items[0]).toMatchObject({
      title: '',
      preview: '',
      html: '',
      body: {},
      status_bar: null,
      recalled_at: 'now',
    });
  });

  it('is the same value when nothing changed', () => {
    const t = timeline.fromPage(page([5], null, 5));
    expect(timeline.replaced(t, item(99))).toBe(t);
    expect(timeline.read(t, new Set(), 'now')).toBe(t);
  });
});

describe('what was read elsewhere', () => {
  const t = timeline.fromPage(page([4, 3, 2, 1], null, 4));
  const unread = (...message_ids: string[]): timeline.Unread => ({
    count: message_ids.length,
    by_app: {},
    message_ids,
  });

  it('is what a list named before and does not name now', () => {
    const now = timeline.readElsewhere(t, new Set(['m1', 'm2', 'm3']), unread('m2'), 'now');
    expect(now.items.map((i) => i.read_at)).toEqual(['now', null, 'now', null]);
  });

  it('is not what no list has named yet', () => {
    expect(timeline.readElsewhere(t, new Set(), unread(), 'now')).toBe(t);
  });

  it('is not what a full list has no room for', () => {
    const many = [...Array(99).keys()].map((n) => `x${n}`);
    const now = timeline.readElsewhere(t, new Set(['m1', 'm2', 'm3', 'm4']), unread(...many, 'm3'), 'now');
    expect(now.items.map((i) => i.read_at)).toEqual([null, null, null, 'now']);
  });
});

describe('memory', () => {
  const many = (from: number, n: number) => [...Array(n).keys()].map((k) => from + n - 1 - k);

  it('is bounded when somebody reads on and on: the newest are let go of', () => {
    let t = timeline.fromPage(page(many(10_000, 100), 10_000, 10_099));
    for (let from = 9_900; from >= 7_000; from -= 100) {
      t = timeline.withOlder(timeline.letGoOfNewest(t), page(many(from, 100), from, 10_099));
    }
    expect(t.items.length).toBe(timeline.most + 100);
    expect(t.items[0]?.revision).toBe('7000');
    expect(t.whole).toBe(false);
    expect(timeline.withMessage(t, item(10_100)).items).toBe(t.items);
  });

  it('is bounded when messages come and come: the oldest are let go of and can be fetched again', () => {
    let t = timeline.nothing;
    for (let n = 1; n <= timeline.most + 5; n++) {
      t = timeline.letGoOfOldest(timeline.withMessage(t, item(n)));
    }
    expect(t.items.length).toBe(timeline.most);
    expect(t.older).toBe('6');
    expect(t.items[0]?.revision).toBe('6');
  });
});
