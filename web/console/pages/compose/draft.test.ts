// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import type { TaskDetail } from '../notifications/queries';
import { audienceRequest, isNobody, nobody, withoutPicks, withPicks } from './audience';
import { draftOf, thingOf } from './begin';
import { draftRequest, gaps, newDraft, renewed, saidRequest } from './draft';
import { answerTo } from './dryrun';
import type { Plan } from './queries';

const [lin, chen] = [
  { userid: 'lin', name: '林晓雨' },
  { userid: 'chen', name: '陈晨' },
];
const lab = { dept_id: '12', name: '实验室', people: 40 };

describe('an audience', () => {
  it('has everybody once, on one side', () => {
    const chosen = withPicks(withPicks(nobody, 'to', { departments: [lab], people: [lin] }), 'to', {
      people: [lin, chen],
    });
    const split = withPicks(chosen, 'without', { people: [chen] });
    expect(audienceRequest(split)).toEqual({
      everyone: false,
      dept_ids: ['12'],
      userids: ['lin'],
      unread_of: null,
      without: { dept_ids: [], userids: ['chen'] },
    });
    expect(withoutPicks(split, 'to', { departments: [lab], people: [lin] }).to).toEqual(nobody.to);
  });

  it('names everyone and nobody beside', () => {
    const unread = { task_id: '7', title: '停电', count: 3 };
    const all = { ...withPicks(nobody, 'to', { departments: [lab] }), everyone: true, unread };
    expect(audienceRequest(withPicks(all, 'without', { people: [lin] }))).toEqual({
      everyone: true,
      dept_ids: [],
      userids: [],
      unread_of: null,
      without: { dept_ids: [], userids: ['lin'] },
    });
  });

  it('that only leaves people out is nobody', () => {
    expect(isNobody(withPicks(nobody, 'without', { people: [lin] }))).toBe(true);
    expect(isNobody({ ...nobody, unread: { task_id: '7', title: '', count: 0 } })).toBe(false);
  });
});

describe('a draft', () => {
  const hour = 3_600_000;

  it('has a key of its own, for a day', () => {
    const draft = newDraft({ keyAt: 0, tried: true });
    expect(draft.key).toMatch(/^[0-9a-f]{32}$/);
    expect(newDraft().key).not.toBe(draft.key);
    expect(renewed(draft, 24 * hour - 1)).toBe(draft);
    const next = renewed(draft, 24 * hour);
    expect(next.key).not.toBe(draft.key);
    expect(next).toMatchObject({ keyAt: 24 * hour, tried: false });
  });

  it('of a template says its values and no others, once all are there', () => {
    const parameters = [{ name: 'who' }, { name: 'when' }];
    const draft = newDraft({
      agent: '1',
      from: 'template',
      template: { id: 't', version: 3 },
      values: { who: '林', old: 'x' },
    });
    expect(gaps(draft, parameters)).toEqual(['when']);
    expect(gaps({ ...draft, template: { id: 't', version: 0 } }, parameters)).toEqual(['template']);
    const said = saidRequest({ ...draft, values: { ...draft.values, when: '周五' } }, '行政', parameters);
    expect(said).toEqual({
      agent_id: '1',
      template: { template_id: 't', version: 3, values: { who: '林', when: '周五' } },
    });
    expect(draftRequest(said, nobody)).toBeNull();
    expect(draftRequest(null, withPicks(nobody, 'to', { people: [lin] }))).toBeNull();
  });
});

describe('the answer to a dry run', () => {
  const plan = { data: { sent: 3 } as Plan, isPlaceholderData: false, isError: false };

  it('counts only for the draft that was asked about', () => {
    expect(answerTo('a', 'a', plan)).toBe(plan.data);
    expect(answerTo('b', 'a', plan)).toBeNull(); // written since
    expect(answerTo('b', 'b', { ...plan, isPlaceholderData: true })).toBeNull(); // the answer of before
    expect(answerTo('a', 'a', { ...plan, isError: true })).toBeNull();
    expect(answerTo(null, null, plan)).toBeNull();
  });
});

describe('a notification that was sent', () => {
  const app = {
    agent_id: '1',
    name: '行政',
    icon: '',
    kind: 'internal',
    direct: true,
    templates: true,
    everyone: false,
  } as const;
  const task = {
    task_id: '7',
    title: '停电',
    app: { agent_id: '1' },
    template: { template_id: 't', version: 2, name: '停电' },
    counts: { sent: 5, read: 2 },
  } as TaskDetail;
  const message = { msgtype: 'text', text: { content: '停电' } };

  it('is begun anew in its own words where the app may, else by its template', () => {
    expect(draftOf(task, message, [app], true)).toMatchObject({
      from: 'own',
      content: { kind: 'text', text: '停电' },
      audience: { unread: { task_id: '7', title: '停电', count: 3 } },
    });
    expect(draftOf(task, message, [{ ...app, direct: false }], false)).toMatchObject({
      from: 'template',
      template: { id: 't', version: 0 },
      audience: nobody,
    });
  });

  it('has a draft of its own', () => {
    const things = [{}, { unread_of: '7' }, { copy: '7' }, { agent: '1', template: 't' }, { agent: '1' }].map(thingOf);
    expect(new Set(things).size).toBe(5);
  });
});
