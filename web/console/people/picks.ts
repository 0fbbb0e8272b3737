// Departments and people whom somebody chooses. A department is chosen as a
// whole, with everybody below it.

export interface Department {
  dept_id: string;
  name: string;
  /** How many people are in it and below; null where that is not known. */
  people: number | null;
}

export interface Person {
  userid: string;
  name: string;
}

export interface Picks {
  departments: readonly Department[];
  people: readonly Person[];
}

export const nothingPicked: Picks = { departments: [], people: [] };

export function isEmpty({ departments, people }: Picks): boolean {
  return departments.length + people.length === 0;
}

export function plus({ departments, people }: Picks, more: Partial<Picks>): Picks {
  return {
    departments: joined(departments, more.departments ?? [], (d) => d.dept_id),
    people: joined(people, more.people ?? [], (p) => p.userid),
  };
}

export function minus({ departments, people }: Picks, fewer: Partial<Picks>): Picks {
  return {
    departments: rest(departments, fewer.departments ?? [], (d) => d.dept_id),
    people: rest(people, fewer.people ?? [], (p) => p.userid),
  };
}

function joined<T>(list: readonly T[], more: readonly T[], key: (one: T) => string): readonly T[] {
  return [...new Map([...list, ...more].map((one) => [key(one), one])).values()];
}

function rest<T>(list: readonly T[], fewer: readonly T[], key: (one: T) => string): readonly T[] {
  const gone = new Set(fewer.map(key));
  return list.filter((one) => !gone.has(key(one)));
}

/** Departments and people as requests have them. */
export function idsOf({ departments, people }: Picks) {
  return { dept_ids: departments.map((d) => d.dept_id), userids: people.map((p) => p.userid) };
}
