// What would come of it: who gets it and who does not, each with their names;
// then sending.

import { useIsMutating } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { ChevronRight } from 'lucide-react';
import { lazy, Suspense, useId, useState } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { uploads } from '../../form/uploading';
import { refusalText } from '../../shell/refusal';
import { useSession } from '../../shell/session';
import { number, reason } from '../notifications/model';
import type { Composing } from './composing';
import { freshKey } from './draft';
import type { DryRun } from './dryrun';
import { gapText } from './gaptext';
import type { Plan, PlannedList } from './queries';
import { Reminder } from './reminder';
import { useSending, useTrial } from './sending';

const Planned = lazy(() => import('./planned'));

interface Props {
  composing: Composing;
  run: DryRun;
}

export function Check({ composing, run }: Props) {
  const label = useId();
  const { current } = useSession();
  const [typed, setTyped] = useState('');
  const [list, setList] = useState<PlannedList | null>(null);
  const trial = useTrial();
  const sending = useSending(composing, run);
  const { answer } = run;
  const uploading = useIsMutating({ mutationKey: uploads }) > 0;
  const named = !answer?.must_name_organization || typed.trim() === current.name;
  const ready = answer !== null && answer.sent > 0 && named && !uploading && !sending.isPending;
  const send = () => ready && sending.mutate(answer.must_name_organization ? typed.trim() : undefined);
  useSubmitKey(send);
  return (
    <section className="panel compose-check" aria-labelledby={label} aria-busy={run.plan.isFetching}>
      {run.request !== null && answer === null && !run.plan.isError && <div className="busy-bar" />}
      <div className="panel-head">
        <h2 id={label}>{t('compose.step.check')}</h2>
      </div>
      <Outcome composing={composing} run={run} onList={setList} />
      {answer?.must_name_organization && <NameField name={current.name} value={typed} onChange={setTyped} />}
      {sending.isError && (
        <SendError
          error={sending.error}
          onFresh={() => {
            composing.update(freshKey());
            sending.reset();
          }}
        />
      )}
      {uploading && (
        <p className="panel-text" role="status">
          {t('compose.uploading')}
        </p>
      )}
      <div className="compose-send">
        <Button
          disabled={run.said === null || uploading}
          loading={trial.isPending}
          onClick={() => run.said && trial.mutate(run.said)}
        >
          {t('test')}
        </Button>
        <Button
          type="primary"
          aria-keyshortcuts={submitShortcut}
          disabled={!ready}
          loading={sending.isPending}
          onClick={send}
        >
          {answer ? t('compose.send', { count: answer.sent, text: number(answer.sent) }) : t('compose.sendNobody')}
        </Button>
      </div>
      {list && run.request && answer && (
        <Suspense>
          <Planned draft={run.request} plan={answer} which={list} onClose={() => setList(null)} />
        </Suspense>
      )}
    </section>
  );
}

/** What the dry run says, or what it waits for. */
function Outcome(props: Props & { onList: (list: PlannedList) => void }) {
  const { composing, run, onList } = props;
  const { plan, answer } = run;
  if (run.request === null) {
    return (
      <p className="panel-text">
        {run.said === null ? t('compose.gaps', { fields: gapText(run) }) : t('compose.needPeople')}
      </p>
    );
  }
  if (plan.isError && run.answer === null && (isAway(plan.error) || !run.card.isError)) {
    return (
      <div className="compose-error" role="alert">
        <p>{refusalText(plan.error)}</p>
        <Button size="small" loading={plan.isFetching} onClick={() => void plan.refetch()}>
          {t('retry')}
        </Button>
      </div>
    );
  }
  const shown = answer ?? plan.data;
  if (!shown?.audience_digest) {
    return <p className="panel-text">{run.card.isError ? t('compose.needContent') : t('compose.counting')}</p>;
  }
  return (
    <div className="compose-outcome" data-old={answer === null}>
      <Row
        main
        text={t('compose.sent', { count: shown.sent, text: number(shown.sent) })}
        disabled={answer === null || shown.sent === 0}
        onOpen={() => onList({ list: 'sent' })}
      />
      {shown.held.map(({ code, threshold, count }) => (
        <Row
          key={`${code} ${threshold}`}
          text={t('compose.held', { count, text: number(count), reason: reason(code) })}
          more={threshold > 1 ? t('held.limit', { limit: number(threshold) }) : ''}
          disabled={answer === null}
          onOpen={() => onList({ list: 'held', code })}
        />
      ))}
      {shown.invalid > 0 && (
        <Row
          text={t('compose.invalid', { count: shown.invalid, text: number(shown.invalid) })}
          disabled={answer === null}
          onOpen={() => onList({ list: 'invalid' })}
        />
      )}
      <Reminder composing={composing} held={shown.held} />
      <Departments plan={shown} />
      <span className="unseen" role="status">
        {answer ? t('compose.sent', { count: answer.sent, text: number(answer.sent) }) : ''}
      </span>
    </div>
  );
}

/** A number of people; it opens who they are. */
function Row(props: { text: string; more?: string; main?: boolean; disabled: boolean; onOpen: () => void }) {
  return (
    <button
      type="button"
      className={props.main ? 'compose-row main' : 'compose-row'}
      disabled={props.disabled}
      onClick={props.onOpen}
    >
      <span>
        {props.text}
        {props.more && <span className="quiet"> {props.more}</span>}
      </span>
      <ChevronRight size={16} aria-hidden="true" />
    </button>
  );
}

/** Where most of them are. */
function Departments({ plan }: { plan: Plan }) {
  if (plan.departments.length === 0) {
    return null;
  }
  return (
    <details className="compose-departments">
      <summary>{t('compose.byDepartment')}</summary>
      <ul>
        {plan.departments.map((d) => (
          <li key={d.dept_id}>
            <span>{d.name}</span>
            <span>{t('audience.people', { count: d.count, text: number(d.count) })}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** So many get it that the organization's name has to be written. */
function NameField(props: { name: string; value: string; onChange: (text: string) => void }) {
  const id = useId();
  return (
    <div className="compose-name">
      <label htmlFor={id}>{t('compose.name', { name: props.name })}</label>
      <Input id={id} value={props.value} autoComplete="off" onChange={(e) => props.onChange(e.target.value)} />
    </div>
  );
}

function SendError({ error, onFresh }: { error: unknown; onFresh: () => void }) {
  const reused = error instanceof Refused && error.code === 'idempotency_key_reused';
  return (
    <div className="compose-error" role="alert">
      <p>{sendErrorText(error)}</p>
      {reused && (
        <Button size="small" onClick={onFresh}>
          {t('compose.sendFresh')}
        </Button>
      )}
    </div>
  );
}

/** Whether the server did not answer, or could not: what was asked may be right. */
function isAway(error: unknown): boolean {
  return error instanceof Refused && (error.status === 0 || error.status >= 500);
}

/** Why nothing was sent; or that it is not known, and that another try sends nothing twice. */
function sendErrorText(error: unknown): string {
  if (!(error instanceof Refused)) {
    return refusalText(error);
  }
  const { limit = 0, actual = 0 } = error.problem ?? {};
  switch (error.code) {
    case 'audience_changed':
      return t('compose.audienceChanged', { before: number(limit), now: number(actual) });
    case 'template_changed':
      return t('compose.templateChanged');
    case 'idempotency_key_reused':
      return t('compose.sentAlready');
    default:
      return isAway(error) ? t('compose.unsure', { why: refusalText(error) }) : refusalText(error);
  }
}
