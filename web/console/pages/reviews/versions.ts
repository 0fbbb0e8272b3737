// The versions of a template, as they are named and compared.

import { useQuery } from '@tanstack/react-query';
import { t } from '../../../shared/words';
import { versionsQuery } from '../templates/queries';
import type { At } from './queries';

/** v3（使用中）: a version's number, and what it is. */
export function versionName(n: number, state: string | undefined, live: number | null): string {
  if (n === live) {
    return t('version.live', { n });
  }
  return state === undefined ? `v${n}` : t('version.is', { n, state: t(`version.${state}`) });
}

/** The other versions of a template as choices, the newest first. */
export function useOthers(at: At, live: number | null): { value: number; label: string }[] {
  const { org, agent, id } = at;
  const versions = useQuery(versionsQuery({ org, agent, id })).data?.items ?? [];
  return versions
    .filter((v) => v.number !== at.n)
    .map((v) => ({ value: v.number, label: versionName(v.number, v.state, live) }));
}

/** The version that one is compared with if nobody chooses another: the live one, of that itself the one before. */
export function usualOther(n: number, live: number | null): number | null {
  return live === n ? n - 1 || null : live;
}
