// One version of a template, beside another.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { t } from '../../../shared/words';
import { Heading } from '../../shell/heading';
import { useOrg } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { Cards } from '../reviews/cards';
import { Changes } from '../reviews/changes';
import { Facts } from '../reviews/facts';
import { useLoaded } from '../reviews/loaded';
import '../reviews/review.css';

const route = '/templates/$agent/$id/versions/$n';

export default function VersionPage() {
  const org = useOrg();
  const { agent, id, n } = useParams({ from: route });
  const { against } = useSearch({ from: route });
  const navigate = useNavigate({ from: route });
  const at = useMemo(() => ({ org, agent, id, n: Number(n) }), [org, agent, id, n]);
  const { loaded, failed } = useLoaded(at);
  if (failed) {
    return <Failed page {...failed} />;
  }
  if (!loaded) {
    return <Loading />;
  }
  const { live_version: live, name } = loaded.template;
  const { form, state, reason } = loaded.version;
  const other = against === undefined ? null : Number(against);
  return (
    <div className="review" key={`${id} ${n}`}>
      <div className="crumbs">
        <Link to="/templates">{t('page.templates')}</Link>
        <Link to="/templates/$agent/$id" params={{ agent, id }}>
          {name || t('template.unnamed')}
        </Link>
      </div>
      <div className="review-title">
        <Heading>{t('version.named', { name: form?.name || t('template.unnamed'), n: at.n })}</Heading>
        <p className="quiet">{form?.use_case}</p>
        {reason && <p className="reason">{reason}</p>}
      </div>
      <div className="review-columns">
        <div className="review-left">
          <Changes
            at={at}
            live={live}
            form={form}
            against={other}
            onAgainst={(to) => void navigate({ search: { against: String(to) }, replace: true, resetScroll: false })}
          />
          <Facts at={at} />
        </div>
        <Cards at={at} state={state} live={live} against={other} />
      </div>
    </div>
  );
}
