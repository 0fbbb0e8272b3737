import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../../list/search';
import { rootRoute } from '../../shell/root';
import { againstSearch } from './against';

export const reviewRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/reviews',
    validateSearch: listSearch([]),
    component: lazyRouteComponent(() => import('./index')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/reviews/$agent/$id/$n',
    validateSearch: againstSearch,
    component: lazyRouteComponent(() => import('./review')),
  }),
] as const;
