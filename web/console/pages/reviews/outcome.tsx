// What became of a version that no longer waits: decided by somebody else, or
// taken back, while it was being read.

import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { t } from '../../../shared/words';
import { date } from '../../../shared/words/time';
import { named } from '../../people/named';
import { logQuery } from '../templates/queries';
import type { At, Template } from './queries';

/** Whether a version waits for a decision. */
export function waits({ newest }: Template, n: number): boolean {
  return newest.number === n && newest.state === 'in_review';
}

export function Outcome({ at }: { at: At }) {
  const { org, agent, id, n } = at;
  const log = useQuery(logQuery({ org, agent, id }));
  const end = log.data?.items.findLast((step) => step.version === n && ends.has(step.action));
  if (log.isPending) {
    return null;
  }
  const title = end
    ? t(`review.gone.${ends.get(end.action)}`, {
        who: named(end.by),
        when: date(new Date(end.at)),
      })
    : t('review.gone.somehow');
  return <Alert className="outcome" type="warning" showIcon role="status" title={title} />;
}

const ends: ReadonlyMap<string, string> = new Map([
  ['template.approve', 'approved'],
  ['template.reject', 'rejected'],
  ['template.withdraw', 'withdrawn'],
]);
