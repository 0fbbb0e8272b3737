// Approving or sending back. What one may not decide says why.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Input, Radio } from 'antd';
import { useId, useState } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { refusalText } from '../../shell/refusal';
import { useSession } from '../../shell/session';
import { addressOf } from './address';
import { type At, approve, reject, type Template, type TemplateReview, type Version } from './queries';
import { type Reason, useReason } from './reason';

interface Props {
  at: At;
  template: Template;
  version: Version;
  next: TemplateReview | undefined;
  /** Whether it waits for a decision still. */
  isOpen: boolean;
}

const longest = 500;

export function Decision(props: Props) {
  const reason = useReason(props.at);
  if (props.isOpen) {
    return <Open {...props} reason={reason} />;
  }
  return reason.text.trim() === '' ? null : <Late reason={reason} />;
}

/** What was being written when somebody else was first: it can be read and copied. */
function Late({ reason }: { reason: Reason }) {
  const label = useId();
  return (
    <section className="panel decision" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{t('review.late')}</h2>
      </div>
      <p className="quiet">{t('review.lateText')}</p>
      <Input.TextArea readOnly aria-labelledby={label} rows={3} value={reason.text} />
      <div className="decision-submit">
        <Button onClick={() => reason.write('')}>{t('kept.forget')}</Button>
      </div>
    </section>
  );
}

function Open(props: Props & { reason: Reason }) {
  const { template, version, reason } = props;
  const why = useObstacle(template, version);
  const [chosen, setChosen] = useState<'approve' | 'reject'>();
  const choice = chosen ?? (reason.isFound ? 'reject' : undefined);
  const send = useDecision(props);
  const label = useId();
  const ready = why === null && (choice === 'approve' || (choice === 'reject' && reason.text.trim() !== ''));
  const submit = () => ready && !send.isPending && send.mutate(choice === 'approve' ? null : reason.text.trim());
  useSubmitKey(submit);
  return (
    <section className="panel decision" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{t('review.decision')}</h2>
      </div>
      {why !== null ? (
        <Alert type="info" showIcon title={why} role="status" />
      ) : (
        <>
          <Radio.Group
            aria-labelledby={label}
            name="decision"
            value={choice}
            onChange={(e) => setChosen(e.target.value)}
            options={[
              { value: 'approve', label: t('review.approve') },
              { value: 'reject', label: t('review.reject') },
            ]}
          />
          <p className="quiet" aria-live="polite">
            {choice === 'approve' && effect(template)}
          </p>
          {choice === 'reject' && (
            <Input.TextArea
              autoFocus={chosen === 'reject'}
              aria-label={t('review.reason')}
              placeholder={t('review.reasonHint')}
              rows={3}
              maxLength={longest}
              showCount
              value={reason.text}
              onChange={(e) => reason.write(e.target.value)}
            />
          )}
          <div className="decision-submit">
            <Button
              type="primary"
              aria-keyshortcuts={submitShortcut}
              disabled={!ready}
              loading={send.isPending}
              onClick={submit}
            >
              {choice === 'reject' ? t('review.sendBack') : t('review.submit')}
            </Button>
            <kbd className="only-desktop">⌘/Ctrl Enter</kbd>
          </div>
        </>
      )}
    </section>
  );
}

function effect(template: Template): string {
  if (template.live_version === null) {
    return t('review.goesLive');
  }
  return t('review.replaces', { n: template.live_version });
}

/** Why the asker may not decide; null if they may. */
function useObstacle(template: Template, version: Version): string | null {
  const { me, current } = useSession();
  if (template.may.review) {
    return null;
  }
  const tookPart = [...version.authors, version.submitted_by].some(
    (p) => p?.userid === me.userid && p.corp_id === current.corp_id,
  );
  return tookPart ? t('review.own') : t('review.notYours');
}

/** Sends a decision: null approves, a text is the reason for sending it back. Then the next one is shown. */
function useDecision({ at, next, reason: written }: Props & { reason: Reason }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (reason: string | null) => (reason === null ? approve(at) : reject(at, reason)),
    onSuccess: (_, reason) => {
      written.write('');
      message.success(reason === null ? t('review.approved') : t('review.rejected'));
      void queries.invalidateQueries({ queryKey: ['reviews'] });
      void queries.invalidateQueries({ queryKey: ['template', at.org, at.agent, at.id] });
      void queries.invalidateQueries({ queryKey: ['templates'] });
      void (next ? navigate({ to: '/reviews/$agent/$id/$n', params: addressOf(next) }) : navigate({ to: '/reviews' }));
    },
    onError: (e) => {
      message.error(refusalText(e));
      if (e instanceof Refused && (e.status === 409 || e.status === 404)) {
        void queries.invalidateQueries({ queryKey: ['template', at.org, at.agent, at.id] }); // somebody was first
      }
    },
  });
}
