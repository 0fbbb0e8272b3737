import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../shell/root';

export interface ComposeSearch {
  agent?: string;
  template?: string;
  /** A task: it is sent again to those who have not read it. */
  unread_of?: string;
  /** A task: what it says is written anew. */
  copy?: string;
}

const keys = ['agent', 'template', 'unread_of', 'copy'] as const;

export const composeRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/compose',
    validateSearch: (search: Record<string, unknown>): ComposeSearch =>
      Object.fromEntries(keys.flatMap((key) => (typeof search[key] === 'string' ? [[key, search[key]]] : []))),
    component: lazyRouteComponent(() => import('./index')),
  }),
] as const;
