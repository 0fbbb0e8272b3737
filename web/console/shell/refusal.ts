// Refusals in the reader's words, by their code. The server's English says what
// we have no words for.

import { Refused } from '../../shared/api/client';
import { has, t } from '../../shared/words';

export function refusalText(error: unknown): string {
  if (!(error instanceof Refused)) {
    return t('refused.unknown');
  }
  const id = `refused.${error.code}`;
  return has(id) ? t(id, { limit: error.problem?.limit ?? 0, actual: error.problem?.actual ?? 0 }) : error.message;
}
