// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { speak } from '../../../shared/words';
import { inZone } from '../../../shared/words/time';
import { sendAgain } from './again';
import { split } from './calm';
import {
  audience,
  doer,
  droppedText,
  listsOf,
  namedInFull,
  readRate,
  reason,
  stateOf,
  titleOf,
  withNewer,
} from './model';
import type { Recipient, RecipientPage, Task, TaskList } from './queries';

const say = (language: 'zh' | 'en') => speak(language, (l) => import(`../../words/${l}.po`));
beforeEach(() => say('zh'));
afterEach(() => inZone(''));

const named = (everyone: boolean, names: string[], userids: number, count = names.length): Task['named'] => ({
  everyone,
  departments: names.map((name, n) => ({ dept_id: String(n + 2), name })),
  department_count: count,
  userids,
  unread_of: null,
  without: 0,
});

describe('whom a task names', () => {
  it.each([
    [named(true, [], 0), '全员', 'Everyone'],
    [named(false, ['平台研发部'], 0), '平台研发部', '平台研发部'],
    [named(false, ['平台研发部', '质量部'], 1, 7), '平台研发部 等 7 个部门、1 人', '平台研发部 and 6 more, 1 person'],
    [named(false, [''], 0), '已删除的部门', 'a deleted department'],
    [named(false, [], 12_345), '12,345 人', '12,345 people'],
    [named(false, [], 0), '没有人', 'Nobody'],
    [{ ...named(false, [], 0), unread_of: '7' }, '一条通知的未读者', 'who had not read a notification'],
    [{ ...named(true, [], 0), without: 1 }, '全员（排除 1 人）', 'Everyone, but 1 person'],
  ])('is a line of words', async (whom, zh, en) => {
    expect(audience(whom)).toBe(zh);
    await say('en');
    expect(audience(whom)).toBe(en);
  });
});

it('names all departments that are told where there is room', () => {
  const full = [named(false, ['平台研发部', '质量部'], 3, 7), named(false, ['平台研发部', '质量部'], 0)].map(
    namedInFull,
  );
  expect(full).toEqual(['平台研发部、质量部 等 7 个部门、3 人', '平台研发部、质量部']);
  expect([named(true, [], 0), named(false, [], 3)].map(namedInFull)).toEqual(['全员', '3 人']);
});

it('gives a read rate that is whole only for everybody, and nothing only for nobody', () => {
  const rate = (read: number | null, sent: number) =>
    readRate({ read, sent, named: sent, held: 0, failed: 0, invalid: 0 });
  expect([rate(0, 3), rate(1, 99_999), rate(830, 1201), rate(99_998, 99_999), rate(3, 3)]).toEqual([0, 1, 69, 99, 100]);
  expect([rate(null, 3), rate(0, 0)]).toEqual([null, null]);
});

it('has lists for everybody whom it names; who has read it only while that is known', () => {
  const lists = (read: number | null) =>
    listsOf({ counts: { named: 9, sent: 7, read, held: 2, failed: 0, invalid: 1 } }).map((l) => `${l.list} ${l.count}`);
  expect(lists(3)).toEqual(['read 3', 'unread 4', 'held 2', 'failed 0', 'invalid 1']);
  expect(lists(null)).toEqual(['sent 7', 'held 2', 'failed 0', 'invalid 1']);
});

it('has one state, the one that counts most', () => {
  const state = (some: Partial<Task>, held = 0) =>
    stateOf({ state: 'sent', test: false, ...some, counts: { held, failed: 0 } } as Task);
  expect([state({}), state({ test: true }), state({ test: true }, 1), state({ state: 'recalled' }, 1)]).toEqual([
    'sent',
    'test',
    'partly',
    'recalled',
  ]);
});

it('has the title, the first words, or what it is, and nothing after a recall', () => {
  const title = (some: Partial<Task>) => titleOf(some as Task);
  expect([
    title({ title: '入职', preview: '第一天' }),
    title({ title: '', preview: '第一天' }),
    title({ title: '', preview: '', type: 'image' }),
    title({ title: null, preview: null }),
  ]).toEqual(['入职', '第一天', '图片', null]);
});

it('says who sent it: a person, another organization, the operator, or an app by its key', () => {
  const by = (name: string, organization_name: string) =>
    doer({ app_key: '', person: { name, organization_name, userid: '', corp_id: '', operator: false } });
  expect([by('林晓雨', '云帆'), by('', '云帆'), by('', ''), doer({ app_key: 'key', person: null })]).toEqual([
    '林晓雨',
    '云帆',
    '运维人员',
    'key',
  ]);
});

it('says why people were held back', () => {
  expect(['143106', '143203', '50004', 'new_rule'].map(reason)).toEqual([
    '今天已收到相同内容',
    '这一分钟发得太多',
    '其部门不在应用范围内',
    '被规则拦下',
  ]);
});

it('keeps new tasks apart from those that are shown', () => {
  const page = { items: ['12', '11', '9'].map((revision) => ({ revision })) } as TaskList;
  expect(split(page, 9n)).toEqual([[{ revision: '9' }], 2]);
  expect(split(page, 12n)[1]).toBe(0);
});

it('says since when nobody knows who has read a task, in the zone of the organization', async () => {
  const dropped = { receipts_dropped_at: '2027-04-30T16:30:00Z' };
  inZone('Asia/Shanghai');
  expect(droppedText(dropped)).toBe('已读记录已于 2027年5月1日 清除，未读名单不再可知。');
  expect(droppedText({ receipts_dropped_at: null })).toBe('已读记录已清除，谁读过不再可知。');
  await say('en');
  expect(droppedText(dropped)).toBe('Receipts were deleted on May 1, 2027: who has not read it can no longer be told.');
});

it('is sent again by whoever composes for its app and may see whom it reached', () => {
  const sent = {
    app: { agent_id: '1' },
    state: 'sent',
    template: null,
    may: { recipients: true },
    counts: { sent: 3, read: 1 },
    receipts_dropped: false,
  } as Task;
  const own = { agent_id: '1', direct: true, templates: false };
  const can = (some: Partial<Task>, app = own) => {
    const { copy, unread } = sendAgain({ ...sent, ...some }, [app]);
    return [copy, unread];
  };
  expect(can({})).toEqual([true, true]);
  expect(can({ counts: { ...sent.counts, read: 3 } })).toEqual([true, false]);
  expect(can({ counts: { ...sent.counts, read: null } })).toEqual([true, false]);
  expect(can({ state: 'recalled' })).toEqual([false, false]);
  expect(can({ may: { ...sent.may, recipients: false } })).toEqual([false, false]);
  expect(can({}, { ...own, agent_id: '2' })).toEqual([false, false]);
  expect(can({}, { ...own, direct: false, templates: true })).toEqual([false, false]);
  expect(
    can({ template: { template_id: 't', version: 1, name: '' } }, { ...own, direct: false, templates: true }),
  ).toEqual([true, true]);
});

describe('the newest readers', () => {
  const page = (userids: string[], total: number, next: string | null): RecipientPage => ({
    items: userids.map((userid) => ({ userid }) as Recipient),
    total,
    matched: total,
    next_after: next,
    counted_at: null,
  });

  it('come on top of those who are shown', () => {
    const shown = [page(['c', 'b'], 3, 'x'), page(['a'], 3, null)];
    const { pages, added } = withNewer(shown, page(['e', 'd', 'c'], 5, 'y'));
    expect(added).toEqual(['e', 'd']);
    expect(pages.flatMap((p) => p.items.map((one) => one.userid))).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(pages[0]).toMatchObject({ total: 5, matched: 5, next_after: 'x' });
    expect(withNewer([page([], 0, null)], page(['a'], 1, null)).pages[0]?.items.length).toBe(1);
  });

  it('are all that is known where others may lie between', () => {
    const { pages, added } = withNewer([page(['b', 'a'], 2, null)], page(['z', 'y'], 26, 'y'));
    expect(pages).toEqual([page(['z', 'y'], 26, 'y')]);
    expect(added).toEqual(['z', 'y']);
  });
});
