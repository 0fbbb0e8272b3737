// Whom somebody chooses: departments, people, everyone, those who have not read
// an earlier notification; and who is left out of these.

export interface Department {
  dept_id: string;
  name: string;
  /** How many people are in it and below. */
  people: number;
}

export interface Person {
  userid: string;
  name: string;
}

export interface Picks {
  departments: readonly Department[];
  people: readonly Person[];
}

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

const nobodyPicked: Picks = { departments: [], people: [] };
export const nobody: Audience = { everyone: false, unread: null, to: nobodyPicked, without: nobodyPicked };

/** Whether nobody is named; who is left out names nobody. */
export function isNobody({ everyone, unread, to }: Audience): boolean {
  return !everyone && unread === null && isEmpty(to);
}

export function isEmpty({ departments, people }: Picks): boolean {
  return departments.length + people.length === 0;
}

/** Adds to one side; what is added is no longer on the other. */
export function withPicks(audience: Audience, side: Side, more: Partial<Picks>): Audience {
  const other = side === 'to' ? 'without' : 'to';
  const { departments = [], people = [] } = more;
  const [mine, theirs] = [audience[side], audience[other]];
  return {
    ...audience,
    [side]: {
      departments: joined(mine.departments, departments, (d) => d.dept_id),
      people: joined(mine.people, people, (p) => p.userid),
    },
    [other]: {
      departments: rest(theirs.departments, departments, (d) => d.dept_id),
      people: rest(theirs.people, people, (p) => p.userid),
    },
  };
}

export function withoutPicks(audience: Audience, side: Side, fewer: Partial<Picks>): Audience {
  const { departments, people } = audience[side];
  return {
    ...audience,
    [side]: {
      departments: rest(departments, fewer.departments ?? [], (d) => d.dept_id),
      people: rest(people, fewer.people ?? [], (p) => p.userid),
    },
  };
}

function joined<T>(list: readonly T[], more: readonly T[], key: (one: T) => string): readonly T[] {
  return [...new Map([...list, ...more].map((one) => [key(one), one])).values()];
}

function rest<T>(list: readonly T[], fewer: readonly T[], key: (one: T) => string): readonly T[] {
  const gone = new Set(fewer.map(key));
  return list.filter((one) => !gone.has(key(one)));
}

/** The audience as a request has it. With everyone, nobody else is named. */
export function audienceRequest({ everyone, unread, to, without }: Audience) {
  const named = everyone ? nobodyPicked : to;
  return {
    everyone,
    dept_ids: named.departments.map((d) => d.dept_id),
    userids: named.people.map((p) => p.userid),
    unread_of: everyone ? null : (unread?.task_id ?? null),
    without: {
      dept_ids: without.departments.map((d) => d.dept_id),
      userids: without.people.map((p) => p.userid),
    },
  };
}
