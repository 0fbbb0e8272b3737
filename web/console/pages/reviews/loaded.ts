import { useQuery } from '@tanstack/react-query';
import { templateQuery } from '../templates/queries';
import { type At, type Template, type Version, versionQuery } from './queries';

/** A version and its template, once both are there; or what failed, and how to try again. */
export function useLoaded({ org, agent, id, n }: At): {
  loaded: { template: Template; version: Version } | null;
  failed: { error: unknown; onRetry: () => void } | null;
} {
  const template = useQuery(templateQuery({ org, agent, id }));
  const version = useQuery(versionQuery({ org, agent, id, n }));
  const wrong = [template, version].find((q) => q.isError && !q.data);
  return {
    loaded: template.data && version.data ? { template: template.data, version: version.data } : null,
    failed: wrong ? { error: wrong.error, onRetry: () => void wrong.refetch() } : null,
  };
}
