import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { listSearch } from '../../list/search';
import { rootRoute } from '../../shell/root';

export const appRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/apps',
    validateSearch: listSearch(['q', 'kind', 'state']),
    component: lazyRouteComponent(() => import('./index')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/apps/$agent',
    beforeLoad: ({ params: { agent } }) => {
      throw redirect({ to: '/apps/$agent/$tab', params: { agent, tab: 'overview' }, replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/apps/$agent/$tab',
    component: lazyRouteComponent(() => import('./app')),
  }),
] as const;
