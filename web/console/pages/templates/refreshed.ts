import { useQueryClient } from '@tanstack/react-query';
import { type At, type Template, templateQuery } from './queries';

/** Shows a template as an answer says it is now, and asks again for what may have changed with it. */
export function useRefreshed(at: At): (stored: Template) => void {
  const queries = useQueryClient();
  return (stored) => {
    const query = templateQuery(at);
    const was = queries.getQueryData(query.queryKey);
    if (stored.newest.form || stored.newest.number === was?.newest.number) {
      const form = stored.newest.form ?? was?.newest.form;
      queries.setQueryData(query.queryKey, { ...stored, newest: { ...stored.newest, ...(form ? { form } : {}) } });
    }
    for (const queryKey of [query.queryKey, ['templates'], ['versions', at], ['log', at], ['reviews']]) {
      void queries.invalidateQueries({ queryKey });
    }
  };
}
