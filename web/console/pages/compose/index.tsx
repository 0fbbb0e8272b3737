// Sending by hand: what is said, to whom, and what would come of it, beside the
// card as people will see it.

import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { useDraftKey } from '../../shell/draftkey';
import { Heading } from '../../shell/heading';
import { useSession } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { thingOf, useBeginning } from './begin';
import { Check } from './check';
import { type Opened, openDraft, useComposing } from './composing';
import { ContentPane } from './contentpane';
import { useDryRun } from './dryrun';
import { Notices } from './notices';
import { PeoplePane } from './peoplepane';
import { Look } from './preview';
import type { ComposeSearch } from './routes';
import { type Step, StepButtons, Steps } from './steps';
import './compose.css';

export default function ComposePage() {
  const search = useSearch({ from: '/compose' });
  const thing = thingOf(search);
  return <Open key={thing} thing={thing} search={search} />;
}

let openings = 0;

function Open(props: { thing: string; search: ComposeSearch }) {
  const key = useDraftKey(props.thing);
  const begin = useBeginning(props.search);
  const [opening, setOpening] = useState(() => ++openings); // each finds what was kept last
  const query = useQuery({
    queryKey: ['draft', ...key, opening],
    queryFn: () => openDraft(key, begin),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (query.isError) {
    return <Failed page error={query.error} onRetry={() => void query.refetch()} />;
  }
  return query.data ? (
    <Composer key={opening} draftKey={key} opened={query.data} onAgain={() => setOpening(++openings)} />
  ) : (
    <Loading />
  );
}

function Composer(props: {
  draftKey: ReturnType<typeof useDraftKey>;
  opened: Opened;
  /** Begins with nothing that was kept. */
  onAgain: () => void;
}) {
  const { me } = useSession();
  const composing = useComposing(props.draftKey, props.opened);
  const run = useDryRun(composing, me.compose_apps);
  const [step, setStep] = useState<Step>('content');
  return (
    <>
      <div className="page-head">
        <Heading>{t('page.compose')}</Heading>
      </div>
      <p className="quiet page-lead">{t('compose.lead')}</p>
      <Notices
        opened={props.opened}
        composing={composing}
        run={run}
        onAgain={() => void composing.drop().then(props.onAgain)}
      />
      <Steps step={step} onChange={setStep} />
      <div className="compose" data-step={step}>
        <ContentPane composing={composing} run={run} apps={me.compose_apps} />
        <PeoplePane composing={composing} app={run.app} />
        <div className="compose-right">
          <Look run={run} from={composing.draft.from} />
          <Check composing={composing} run={run} />
        </div>
      </div>
      <StepButtons step={step} onChange={setStep} />
    </>
  );
}
