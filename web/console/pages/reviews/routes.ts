import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute } from '../../shell/root';

export const reviewRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/reviews',
    component: lazyRouteComponent(() => import('./index')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/reviews/$agent/$id/$n',
    component: lazyRouteComponent(() => import('./review')),
  }),
] as const;
