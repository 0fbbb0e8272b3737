import { queryOptions } from '@tanstack/react-query';
import { ask, client } from '../../../shared/api/client';
import type { components } from '../../../shared/api/schema.gen';

export type TemplateReview = components['schemas']['TemplateReview'];

/** What waits for the reader's review, longest first. */
export function reviewsQuery(org: string) {
  return queryOptions({
    queryKey: ['reviews', org],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/template-reviews', { signal, params: { query: { org } } })),
    refetchInterval: 60_000,
  });
}
