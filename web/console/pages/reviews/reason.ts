// The reason for which a version is sent back: whatever becomes of the version or the
// session, it is not lost.

import { useKeptForm } from '../../form/keptform';
import type { At } from './queries';

export interface Reason {
  text: string;
  /** Whether it was written before and found again. */
  isFound: boolean;
  write: (text: string) => void;
}

export function useReason({ agent, id, n }: At): Reason {
  const { form, foundAt, update } = useKeptForm(`review ${agent} ${id} ${n}`, '');
  return { text: form, isFound: foundAt !== null, write: update };
}
