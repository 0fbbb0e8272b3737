// All routes, in one tree. A page's own are in pages/<resource>/routes.ts.

import { createRoute, createRouter, Navigate } from '@tanstack/react-router';
import { appRoutes } from '../pages/apps/routes';
import { composeRoutes } from '../pages/compose/routes';
import { notificationRoutes } from '../pages/notifications/routes';
import { reviewRoutes } from '../pages/reviews/routes';
import { templateRoutes } from '../pages/templates/routes';
import { consolePages } from './pages';
import { rootRoute } from './root';
import { parseSearch, stringifySearch } from './search';
import { type Session, useSession } from './session';
import { Failed, Loading, NoPermission } from './states';

const firstRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: First });

// Leads to the first page that one may open.
function First() {
  const { me } = useSession();
  const first = consolePages.find((p) => me.pages.includes(p.name));
  return first ? <Navigate to={`/${first.name}`} replace /> : <NoPermission />;
}

const tree = rootRoute.addChildren([
  firstRoute,
  ...notificationRoutes,
  ...composeRoutes,
  ...templateRoutes,
  ...reviewRoutes,
  ...appRoutes,
]);

export function createConsoleRouter({ current, memberships }: Session) {
  if (memberships.length > 1) {
    const here = new URL(location.href);
    here.searchParams.set('org', current.corp_id);
    history.replaceState(history.state, '', here);
  }
  return createRouter({
    routeTree: tree,
    basepath: '/console',
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultPreload: 'intent',
    defaultPendingMs: 200,
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <Failed error={error} onRetry={reset} />,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
