// Sending a draft, once; and sending what it says to oneself.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App } from 'antd';
import { useEffect } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { number } from '../notifications/model';
import { type Composing, useLeaving } from './composing';
import type { Said } from './draft';
import type { DryRun } from './dryrun';
import { send, sendToMe } from './queries';

/** Sends what the dry run has shown, with the organization's name where that was asked for. */
export function useSending({ draft, keep, drop }: Composing, run: DryRun) {
  const org = useOrg();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const sending = useMutation({
    mutationFn: async (name: string | undefined) => {
      const { answer, request } = run;
      if (!answer?.audience_digest || request === null) {
        throw new Error('nothing was shown that could be sent');
      }
      await keep({ tried: true }); // before: whatever happens, the key is used
      return send(org, draft.key, request, {
        audience_digest: answer.audience_digest,
        at_most: answer.sent,
        ...(name === undefined ? {} : { organization_name: name }),
      });
    },
    onSuccess: async (task) => {
      await drop();
      void queries.invalidateQueries({ queryKey: ['tasks', org] });
      message.success(t('compose.done', { count: task.counts.sent, text: number(task.counts.sent) }));
      void navigate({ to: '/notifications/$task', params: { task: task.task_id } });
    },
    onError: async (e) => {
      if (e instanceof Refused && e.status > 0 && e.status < 500 && e.code !== 'idempotency_key_reused') {
        await keep({ tried: false }); // refused: nothing was sent, unless it was before
      }
      if (e instanceof Refused && e.code === 'template_changed') {
        await queries.invalidateQueries({ queryKey: ['sendable', org] });
      }
      await run.plan.refetch(); // shown anew, whatever has changed
    },
  });
  useLeaving(sending.isPending);
  const { reset } = sending;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refusal was about what was written then
  useEffect(() => reset(), [draft.content, draft.values, draft.audience, reset]);
  return sending;
}

export function useTrial() {
  const org = useOrg();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (said: Said) => sendToMe(org, said),
    onSuccess: () => void message.success(t('test.sent')),
    onError: (e) => void message.error(refusalText(e)),
  });
}
