// Approving or sending back. What one may not decide says why.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Input, Radio } from 'antd';
import { useId, useState } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { useSubmitKey } from '../../form/submitkey';
import { refusalText } from '../../shell/refusal';
import { useSession } from '../../shell/session';
import { addressOf } from './address';
import { type At, approve, reject, type Template, type TemplateReview, type Version } from './queries';

interface Props {
  at: At;
  template: Template;
  version: Version;
  next: TemplateReview | undefined;
}

const longest = 500;

export function Decision(props: Props) {
  const { template, version } = props;
  const why = useObstacle(template, version);
  const [choice, setChoice] = useState<'approve' | 'reject'>();
  const [reason, setReason] = useState('');
  const send = useDecision(props);
  const label = useId();
  const ready = why === null && (choice === 'approve' || (choice === 'reject' && reason.trim() !== ''));
  const submit = () => ready && !send.isPending && send.mutate(choice === 'approve' ? null : reason.trim());
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
            onChange={(e) => setChoice(e.target.value)}
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
              autoFocus
              aria-label={t('review.reason')}
              placeholder={t('review.reasonHint')}
              rows={3}
              maxLength={longest}
              showCount
              value={reason}
              onChange={(e) => setReason(e.target.value)}
            />
          )}
          <div className="decision-submit">
            <Button
              type="primary"
              aria-keyshortcuts="Meta+Enter Control+Enter"
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
function useDecision({ at, next }: Props) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (reason: string | null) => (reason === null ? approve(at) : reject(at, reason)),
    onSuccess: (_, reason) => {
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
