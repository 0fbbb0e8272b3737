import { describe, expect, it } from 'vitest';
import { joined } from './groups';
import { item } from './testing';

const at = (minute: number, second = 0) => new Date(2026, 2, 1, 8, minute, second).toISOString();
const of = (agent_id: string) => ({ app: { agent_id, name: '', icon: '' } });

describe('cards share a head', () => {
  const list = (...changes: Parameters<typeof item>[1][]) => changes.map((change, n) => item(n, change));
  const heads = (items: ReturnType<typeof list>, line?: string) => {
    const ids = joined(items, line);
    return items.map((i) => !ids.has(i.message_id));
  };

  it('within five minutes of the one that has it', () => {
    const items = list(
      { sent_at: at(0) },
      { sent_at: at(3) },
      { sent_at: at(5) },
      { sent_at: at(5, 1) },
      { sent_at: at(9) },
    );
    expect(heads(items)).toEqual([true, false, false, true, false]);
  });

  it('of one app only', () => {
    const items = list({ sent_at: at(0), ...of('1') }, { sent_at: at(1), ...of('2') }, { sent_at: at(2), ...of('1') });
    expect(heads(items)).toEqual([true, true, true]);
  });

  it('not over what stands between them: a recalled one, the line of what is new, midnight', () => {
    const recalled = list({ sent_at: at(0) }, { sent_at: at(1), recalled_at: at(2) }, { sent_at: at(2) });
    expect(heads(recalled)).toEqual([true, true, true]);
    expect(heads(list({ sent_at: at(0) }, { sent_at: at(1) }, { sent_at: at(2) }), 'm1')).toEqual([true, true, false]);
    const night = (day: number, hour: number, minute: number) => new Date(2026, 2, day, hour, minute).toISOString();
    expect(heads(list({ sent_at: night(1, 23, 59) }, { sent_at: night(2, 0, 1) }))).toEqual([true, true]);
  });
});
