// Where a review stands among all that wait, however many these are.

import { useQuery } from '@tanstack/react-query';
import { number } from '../notifications/model';
import { type At, besideQuery, longestQuery, type TemplateReview } from './queries';

/** Where the server stops counting what waits. */
const countless = 10_000;

/** How many wait: "9,999+" from where the server stops counting. */
export function countText(n: number): string {
  return n >= countless ? `${number(countless - 1)}+` : number(n);
}

export interface Queue {
  /** How many wait; counting stops at 10,000. */
  count: number;
  /** This one; undefined if it does not wait. */
  here: TemplateReview | undefined;
  previous: TemplateReview | undefined;
  /** The one after it, or what waits the longest where this one does not wait. */
  next: TemplateReview | undefined;
}

export function useQueue({ org, id }: At): Queue {
  const { data, isPlaceholderData: old } = useQuery(besideQuery(org, id));
  const longest = useQuery(longestQuery(org)).data;
  const items = data?.items ?? [];
  const at = items.findIndex((r) => r.template.template_id === id);
  if (at < 0) {
    return { count: data?.count ?? 0, here: undefined, previous: undefined, next: data && !old ? longest : undefined };
  }
  return { count: data?.count ?? 0, here: items[at], previous: items[at - 1], next: items[at + 1] };
}
