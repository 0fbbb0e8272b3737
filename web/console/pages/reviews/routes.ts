import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../shell/root';
import { againstSearch } from './against';

export const reviewRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/reviews',
    component: lazyRouteComponent(() => import('./index')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/reviews/$agent/$id/$n',
    validateSearch: againstSearch,
    component: lazyRouteComponent(() => import('./review')),
  }),
] as const;
