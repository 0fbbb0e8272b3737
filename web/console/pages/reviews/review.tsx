// One version that waits for review: what differs, how it looks, what there is
// to know, and the decision.

import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import { t } from '../../../shared/words';
import { Heading } from '../../shell/heading';
import { useLetters } from '../../shell/keys';
import { useOrg } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { number } from '../notifications/model';
import { addressOf } from './address';
import { Cards } from './cards';
import { Changes } from './changes';
import { Decision } from './decision';
import { Facts } from './facts';
import { useLoaded } from './loaded';
import { Outcome, waits } from './outcome';
import type { At, Template, TemplateReview, Version } from './queries';
import { countText, type Queue, useQueue } from './queue';
import './review.css';

export default function ReviewPage() {
  const org = useOrg();
  const { agent, id, n } = useParams({ from: '/reviews/$agent/$id/$n' });
  const at = useMemo(() => ({ org, agent, id, n: Number(n) }), [org, agent, id, n]);
  const { loaded, failed } = useLoaded(at);
  const queue = useQueue(at);
  if (failed) {
    return <Failed page {...failed} />;
  }
  return loaded ? <Review key={`${id} ${n}`} at={at} {...loaded} queue={queue} /> : <Loading />;
}

function Review(props: { at: At; template: Template; version: Version; queue: Queue }) {
  const { at, template, version, queue } = props;
  const { against, choose } = useAgainst();
  const waiting = waits(template, at.n);
  return (
    <div className="review">
      <div className="page-head">
        <div className="crumbs">
          <Link to="/reviews">{t('page.reviews')}</Link>
          {queue.here && <span>{placeText(queue.here.position, queue.count)}</span>}
        </div>
        <Steps queue={queue} />
      </div>
      <div className="review-title">
        <Heading>{t('version.named', { name: version.form?.name || template.name, n: at.n })}</Heading>
        <p className="quiet">{version.form?.use_case}</p>
        {!waiting && <Outcome at={at} />}
      </div>
      <div className="review-columns">
        <div className="review-left">
          <Changes at={at} live={template.live_version} form={version.form} against={against} onAgainst={choose} />
          <Facts at={at} />
        </div>
        <Cards
          at={at}
          state={template.newest.number === at.n ? template.newest.state : version.state}
          live={template.live_version}
          against={against}
        />
        <Decision at={at} template={template} version={version} next={queue.next} isOpen={waiting} />
      </div>
    </div>
  );
}

/** "3 of 2,041"; behind the first 10,000 there is no counting. */
function placeText(at: number | null, count: number): string {
  return at === null ? t('review.placeFar') : t('review.place', { at: number(at), count: countText(count) });
}

/** The version to compare with, as the address has it. */
function useAgainst() {
  const { against } = useSearch({ from: '/reviews/$agent/$id/$n' });
  const navigate = useNavigate({ from: '/reviews/$agent/$id/$n' });
  return {
    against: against === undefined ? null : Number(against),
    choose: (n: number) => void navigate({ search: { against: String(n) }, replace: true, resetScroll: false }),
  };
}

/** To the one before and the one after, by button or key. */
function Steps({ queue }: { queue: Queue }) {
  const navigate = useNavigate();
  const { previous, next } = queue;
  const go = useMemo(() => {
    const to = (review: TemplateReview | undefined) => () =>
      void (review && navigate({ to: '/reviews/$agent/$id/$n', params: addressOf(review) }));
    return { j: to(next), k: to(previous) };
  }, [navigate, next, previous]);
  useLetters(go);
  if (!previous && !next) {
    return null;
  }
  return (
    <div className="steps">
      <button type="button" className="button" disabled={!previous} onClick={go.k} aria-keyshortcuts="k">
        <ChevronLeft size={16} aria-hidden="true" />
        {t('review.previous')}
      </button>
      <button type="button" className="button" disabled={!next} onClick={go.j} aria-keyshortcuts="j">
        {t('review.next')}
        <ChevronRight size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
