// Texts and lists that somebody writes.

/** A list with the item at one place moved to another, which is its place then. */
export function moved<T>(list: readonly T[], at: number, to: number): T[] {
  const item = list[at];
  if (item === undefined || to < 0 || to >= list.length) {
    return [...list];
  }
  const rest = list.toSpliced(at, 1);
  return rest.toSpliced(to, 0, item);
}

/** Where something comes to stand among others, whose middles are given in their order: behind those above it. */
export function placeAt(middles: readonly number[], at: number): number {
  const behind = middles.findIndex((middle) => middle > at);
  return behind < 0 ? middles.length : behind;
}

/** How many characters a text has, as the server counts them. */
export function count(text: string | undefined): number {
  return [...(text ?? '')].length;
}
