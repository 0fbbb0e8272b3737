import { Refused } from '../../../shared/api/client';
import { has, t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';

/** A refusal in the reader's words, of a field that is wrong by its name. */
export function settingRefusal(error: unknown): string {
  if (error instanceof Refused && error.code === 'parameter_invalid') {
    const id = `app.wrong.${error.problem?.field ?? ''}`;
    return has(id) ? t(id) : refusalText(error);
  }
  return refusalText(error);
}
