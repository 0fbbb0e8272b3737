// The console: first who uses it, then what they look at.

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { Refused } from '../../shared/api/client';
import { useLanguage } from '../../shared/words';
import { createConsoleRouter } from './router';
import { type Session, SessionProvider, toSignIn, useLoadedSession } from './session';
import { Failed, Loading } from './states';

const onError = (e: unknown) => {
  if (e instanceof Refused && e.status === 401) {
    void toSignIn(); // the session has ended
  }
};

const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      networkMode: 'always', // without a network a request fails, and is told
      staleTime: 5_000,
      retry: (times, e) => times < 2 && e instanceof Refused && (e.status === 0 || e.status >= 500),
    },
    mutations: { networkMode: 'always' },
  },
});

export function Console() {
  return (
    <QueryClientProvider client={queries}>
      <Entered />
    </QueryClientProvider>
  );
}

function Entered() {
  const { data, error, refetch } = useLoadedSession();
  if (data) {
    return <SignedIn session={data} />;
  }
  if (error && !(error instanceof Refused && error.status === 401)) {
    return (
      <main className="alone">
        <Failed error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  return (
    <main className="alone">
      <Loading />
    </main>
  );
}

function SignedIn(props: { session: Session }) {
  const language = useLanguage();
  const [router] = useState(() => createConsoleRouter(props.session));
  return (
    <SessionProvider value={props.session}>
      {/* Pages say what they say when they are drawn: another language draws them anew. */}
      <RouterProvider key={language} router={router} />
    </SessionProvider>
  );
}
