// The route that holds all others. Resources make theirs below it.

import { createRootRoute, retainSearchParams } from '@tanstack/react-router';
import { Frame } from './frame';
import { NotFound } from './states';

export interface RootSearch {
  /** The organization's corp id; only where one is signed in to several. */
  org?: string;
}

export const rootRoute = createRootRoute({
  validateSearch: (search: Record<string, unknown>): RootSearch =>
    typeof search.org === 'string' ? { org: search.org } : {},
  search: { middlewares: [retainSearchParams(['org'])] },
  component: Frame,
  notFoundComponent: NotFound,
});
