// What waits for the reader's review, longest first.

import { useQuery } from '@tanstack/react-query';
import { t } from '../../../shared/words';
import { type Column, DataPage } from '../../list/datapage';
import { useListPlace } from '../../list/search';
import { When } from '../../list/when';
import { named } from '../../people/named';
import { useOrg } from '../../shell/session';
import { Empty } from '../../shell/states';
import { addressOf } from './address';
import { reviewsQuery, type TemplateReview } from './queries';

export default function Reviews() {
  const org = useOrg();
  const { search, size } = useListPlace();
  const { before: after, back: before } = search;
  const from = before !== undefined ? { before } : after !== undefined ? { after } : {};
  const query = useQuery(reviewsQuery(org, { limit: size, ...from }));
  return (
    <DataPage
      name="reviews"
      title={t('page.reviews')}
      lead={t('reviews.lead')}
      query={query}
      oldestFirst
      rowKey={({ agent_id, template }) => `${agent_id} ${template.template_id}`}
      columns={columns}
      link={(r) => ({ to: '/reviews/$agent/$id/$n', params: addressOf(r) })}
      second={(r) => (
        <>
          {r.app_name} · <Waiting review={r} />
        </>
      )}
      empty={<Empty title={t('reviews.none')} text={t('reviews.noneText')} />}
    />
  );
}

const columns: readonly Column<TemplateReview>[] = [
  { key: 'name', title: 'reviews.template', main: true, cell: ({ template }) => template.name },
  { key: 'kind', title: 'template.kind', cell: ({ template }) => t(`kind.${template.kind}`) },
  { key: 'app', title: 'app', cell: (r) => r.app_name },
  { key: 'provider', title: 'reviews.provider', cell: (r) => r.provider_name },
  { key: 'by', title: 'reviews.by', cell: ({ template }) => named(template.newest.submitted_by) },
  {
    key: 'changes',
    title: 'reviews.changes',
    cell: (r) => (r.changes === null ? t('reviews.isNew') : t('reviews.changesOf', { count: r.changes })),
  },
  { key: 'since', title: 'reviews.since', cell: (r) => <Waiting review={r} /> },
];

function Waiting(props: { review: TemplateReview }) {
  const at = props.review.template.newest.submitted_at;
  return at && <When at={at} />;
}
