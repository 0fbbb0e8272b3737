// Texts and lists that somebody writes.

/** A list with the item at one place moved up (-1) or down (1). */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const item = list[at];
  const to = at + by;
  if (item === undefined || to < 0 || to >= list.length) {
    return [...list];
  }
  const rest = list.toSpliced(at, 1);
  return rest.toSpliced(to, 0, item);
}

/** How many characters a text has, as the server counts them. */
export function count(text: string | undefined): number {
  return [...(text ?? '')].length;
}
