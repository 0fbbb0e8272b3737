// What a list shows is in its address: filters, page size, and where the page
// begins. Defaults are left out, so that a plain address is the plain list.

import { useNavigate, useRouterState, useSearch } from '@tanstack/react-router';

export const sizes = [20, 50, 100] as const;
const defaultSize = 50;

/** The part of an address's query that belongs to a list. */
export type ListSearch = Record<string, string | undefined> & { before?: string; back?: string; size?: string };

/** For validateSearch of a list's route: keeps the keys that the list has. */
export function listSearch(keys: readonly string[]) {
  return (search: Record<string, unknown>): ListSearch =>
    Object.fromEntries(
      [...keys, 'before', 'back', 'size'].flatMap((key) => {
        const value = search[key];
        return typeof value === 'string' && value !== '' ? [[key, value]] : [];
      }),
    );
}

export interface ListPlace {
  search: ListSearch;
  size: number;
  /** Changes filters, back to the newest page; while typing in place of the address before. */
  filter: (change: Record<string, string | undefined>, typing?: boolean) => void;
  older: (before: string) => void;
  /** The page before this one, unless this is the newest. Where the list is told where that ends, previous says it. */
  newer: ((previous?: string) => void) | null;
  resize: (size: number) => void;
}

/** keepScroll: the list is a part of its page, which stays where it is. */
export function useListPlace({ keepScroll = false } = {}): ListPlace {
  const search = useSearch({ strict: false }) as ListSearch;
  const stack = useRouterState({ select: (s) => s.location.state.newer });
  const navigate = useNavigate();
  const go = (change: Record<string, string | undefined>, newer: string[] | undefined, replace = false) =>
    void navigate({
      to: '.',
      search: (was: ListSearch) => ({ ...was, ...change }),
      state: newer ? { newer } : {},
      replace,
      resetScroll: !keepScroll,
    } as never);
  return {
    search,
    size: sizeOf(search.size),
    filter: (change, typing = false) => go({ ...change, before: undefined, back: undefined }, undefined, typing),
    // Behind a page that was looked for backwards are none that began somewhere.
    older: (before) =>
      go({ before, back: undefined }, search.back === undefined ? [...(stack ?? []), search.before ?? ''] : undefined),
    newer:
      search.before === undefined && search.back === undefined
        ? null
        : // Whoever came by a copied address has no pages behind them: without a word of where the page before this one ends, the newest is next.
          (previous) =>
            stack?.length || previous === undefined
              ? go({ before: stack?.at(-1) || undefined, back: undefined }, stack?.slice(0, -1))
              : go({ before: undefined, back: previous }, undefined),
    resize: (size) =>
      go({ size: size === defaultSize ? undefined : String(size), before: undefined, back: undefined }, undefined),
  };
}

export function sizeOf(text: string | undefined): number {
  return sizes.find((s) => String(s) === text) ?? defaultSize;
}

declare module '@tanstack/history' {
  interface HistoryState {
    /** Where the newer pages of a list began, the newest first. */
    newer?: string[];
  }
}
