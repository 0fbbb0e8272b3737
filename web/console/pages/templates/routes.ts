import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../../list/search';
import { rootRoute } from '../../shell/root';
import { againstSearch } from '../reviews/against';

export const templateRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/templates',
    validateSearch: listSearch(['q', 'app', 'kind', 'state', 'mine']),
    component: lazyRouteComponent(() => import('./index')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/templates/$agent/$id',
    component: lazyRouteComponent(() => import('./template')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/templates/$agent/$id/versions/$n',
    validateSearch: againstSearch,
    component: lazyRouteComponent(() => import('./version')),
  }),
] as const;
