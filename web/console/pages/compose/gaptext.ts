import { t } from '../../../shared/words';
import type { DryRun } from './dryrun';

const some = 3;

/** The fields that are empty, in words; of many the first ones. */
export function gapText({ gaps, template }: Pick<DryRun, 'gaps' | 'template'>): string {
  const names = gaps.slice(0, some).map((gap) => {
    const listed = /^buttons\[(\d+)\]\.(title|url)$/.exec(gap);
    if (listed) {
      return t(`field.actions.${listed[2]}`, { n: Number(listed[1]) + 1 });
    }
    const parameter = template?.parameters.find((p) => p.name === gap);
    return parameter ? parameter.description || parameter.name : t(`compose.field.${gap}`);
  });
  return names.join(t('audience.and'));
}
