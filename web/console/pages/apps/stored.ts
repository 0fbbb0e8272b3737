import { useQueryClient } from '@tanstack/react-query';
import { type App, type At, appQuery } from './queries';

/** Shows an app as the server has just told it; the lists of apps are asked for anew. */
export function useStored(at: At): (app: App) => void {
  const queries = useQueryClient();
  return (app) => {
    queries.setQueryData(appQuery(at).queryKey, app);
    void queries.invalidateQueries({ queryKey: ['apps'] });
  };
}
