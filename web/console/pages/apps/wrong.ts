import { Refused } from '../../../shared/api/client';
import { has, t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';

/** A refusal in the reader's words, of a field that is wrong by its name. */
export function settingRefusal(error: unknown): string {
  if (error instanceof Refused && error.code === 'parameter_invalid') {
    const { field = '', limit } = error.problem ?? {};
    if (has(`limit.${field}`)) {
      const name = t(`limit.${field}`);
      return limit ? t('limit.wrongMost', { name, limit }) : t('limit.wrong', { name });
    }
    const id = `app.wrong.${field}`;
    return has(id) ? t(id) : refusalText(error);
  }
  return refusalText(error);
}
