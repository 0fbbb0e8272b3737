import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../../list/search';
import { rootRoute } from '../../shell/root';

const filters = ['q', 'app', 'state', 'type', 'template', 'audience', 'held', 'test', 'by', 'period'] as const;

export const notificationRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/notifications',
    validateSearch: listSearch(filters),
    component: lazyRouteComponent(() => import('./index')),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/notifications/$task',
    validateSearch: listSearch(['tab', 'q', 'dept', 'code']),
    component: lazyRouteComponent(() => import('./detail')),
  }),
] as const;
