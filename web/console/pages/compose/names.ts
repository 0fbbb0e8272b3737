// A list of people that somebody pasted, as the server has matched it: who is
// meant, who could be, and who is not known; and each of these as a file.

import type { Person } from '../../people/picks';

export interface Candidate {
  userid: string;
  name: string;
  job_number: string;
  departments: readonly { dept_id: string; path: string }[];
}

export interface Matches {
  matched: readonly { line: number; text: string; userid: string; name: string }[];
  ambiguous: readonly { line: number; text: string; candidates: readonly Candidate[]; more: boolean }[];
  unknown: readonly { line: number; text: string }[];
  repeated: readonly { line: number; text: string; userid: string }[];
}

export const parts = ['matched', 'ambiguous', 'unknown', 'repeated'] as const;
export type Part = (typeof parts)[number];

/** Which candidate is meant, by the line; empty for none of them. */
export type Choices = Readonly<Record<number, string>>;

/** What a list begins with: a file, which is matched at once, or a text. */
export interface Given {
  file: File | null;
  text: string;
}

/** The most lines of a list. */
export const mostLines = 5000;

/** The lines that say something. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Everybody who is meant, each once: those who matched, and the chosen ones of those with the same name. */
export function meant(matches: Matches, choices: Choices): Person[] {
  const chosen = matches.ambiguous.flatMap(({ line, candidates }) => {
    const one = candidates.find((c) => c.userid === choices[line]);
    return one ? [one] : [];
  });
  const people = [...matches.matched, ...chosen].map(({ userid, name }) => [userid, { userid, name }] as const);
  return [...new Map(people).values()];
}

/** How many of those with the same name are not decided yet. */
export function undecided({ ambiguous }: Matches, choices: Choices): number {
  return ambiguous.filter(({ line }) => choices[line] === undefined).length;
}

/** A part as rows of a table, without a head. */
export function rowsOf(matches: Matches, part: Part): string[][] {
  switch (part) {
    case 'matched':
      return matches.matched.map((m) => [String(m.line), m.text, m.userid, m.name]);
    case 'ambiguous':
      return matches.ambiguous.flatMap((a) => a.candidates.map((c) => [String(a.line), a.text, c.userid, c.name]));
    case 'unknown':
      return matches.unknown.map((u) => [String(u.line), u.text]);
    case 'repeated':
      return matches.repeated.map((r) => [String(r.line), r.text, r.userid]);
  }
}

/** A file that spreadsheets open: no cell of it is taken for a formula. */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(text: string): string {
  const plain = /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
