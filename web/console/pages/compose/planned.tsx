// Who would get it, who would not and why, and which ids mean nobody.

import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Drawer } from 'antd';
import { has, t } from '../../../shared/words';
import { useOrg } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { number, reason } from '../notifications/model';
import type { Recipient } from '../notifications/queries';
import { type Plan, type PlannedList, plannedQuery } from './queries';

interface Props {
  draft: string;
  plan: Plan;
  which: PlannedList;
  onClose: () => void;
}

export default function Planned({ draft, plan, which, onClose }: Props) {
  const query = useInfiniteQuery(plannedQuery(useOrg(), draft, which));
  const people = query.data?.pages.flatMap((page) => page.items) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  return (
    <Drawer open size={480} title={titleOf(plan, which)} onClose={onClose} closable={{ 'aria-label': t('close') }}>
      {query.isPending && <Loading />}
      {query.isError && !query.data && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too */}
      <ul className="planned" tabIndex={0} aria-label={titleOf(plan, which)}>
        {people.map((one) => (
          <OnePerson key={one.userid ?? one.given} one={one} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button block loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('compose.morePeople', { shown: number(people.length), total: number(total) })}
        </Button>
      )}
    </Drawer>
  );
}

function titleOf(plan: Plan, { list, code }: PlannedList): string {
  switch (list) {
    case 'sent':
      return t('compose.sent', { count: plan.sent, text: number(plan.sent) });
    case 'held': {
      const count = plan.held.filter((h) => h.code === code).reduce((sum, h) => sum + h.count, 0);
      return t('compose.held', { count, text: number(count), reason: reason(code ?? '') });
    }
    case 'invalid':
      return t('compose.invalid', { count: plan.invalid, text: number(plan.invalid) });
  }
}

function OnePerson({ one }: { one: Recipient }) {
  const id = one.given ?? one.userid ?? '';
  const why = `invalid.${one.code}`;
  return (
    <li className="planned-person">
      <span className="planned-name">
        {one.name || id} <code className="quiet">{one.job_number || id}</code>
      </span>
      <span className="quiet">
        {one.given !== null && has(why)
          ? t(why)
          : one.departments.map((d) => d.path || d.dept_id).join(t('audience.and'))}
      </span>
    </li>
  );
}
