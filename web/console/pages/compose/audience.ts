// Whom somebody chooses: departments, people, everyone, those who have not read
// an earlier notification; and who is left out of these.

import { idsOf, isEmpty, minus, nothingPicked, type Picks, plus } from '../../people/picks';

export interface Unread {
  task_id: string;
  title: string;
  count: number;
}

export interface Audience {
  everyone: boolean;
  unread: Unread | null;
  /** Whom it is for. */
  to: Picks;
  /** Who of these does not get it. */
  without: Picks;
}

/** Which of the two lists of an audience. */
export type Side = 'to' | 'without';

export const nobody: Audience = { everyone: false, unread: null, to: nothingPicked, without: nothingPicked };

/** Whether nobody is named; who is left out names nobody. */
export function isNobody({ everyone, unread, to }: Audience): boolean {
  return !everyone && unread === null && isEmpty(to);
}

/** Adds to one side; what is added is no longer on the other. */
export function withPicks(audience: Audience, side: Side, more: Partial<Picks>): Audience {
  const other = side === 'to' ? 'without' : 'to';
  return { ...audience, [side]: plus(audience[side], more), [other]: minus(audience[other], more) };
}

export function withoutPicks(audience: Audience, side: Side, fewer: Partial<Picks>): Audience {
  return { ...audience, [side]: minus(audience[side], fewer) };
}

/** The audience as a request has it. With everyone, nobody else is named. */
export function audienceRequest({ everyone, unread, to, without }: Audience) {
  return {
    everyone,
    ...idsOf(everyone ? nothingPicked : to),
    unread_of: everyone ? null : (unread?.task_id ?? null),
    without: idsOf(without),
  };
}
