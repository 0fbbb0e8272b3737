import type { components } from '../../shared/api/schema.gen';
import { t } from '../../shared/words';

/** What somebody is called: by name, or by their organization where one may not see that; the operator by what they are. */
export function named(by: components['schemas']['Person'] | null | undefined): string {
  return by?.name || by?.organization_name || t('operator');
}
