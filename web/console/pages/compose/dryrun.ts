// The dry run of a draft: its card, and who would get it, asked again with every
// change. What an older draft was answered is not taken for an answer.

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { usePaused } from '../../form/paused';
import { useOrg } from '../../shell/session';
import type { Composing } from './composing';
import { draftRequest, gaps, type Said, saidRequest } from './draft';
import { type ComposeApp, type Plan, planQuery, type Sendable, sendableQuery } from './queries';

export interface DryRun {
  app: ComposeApp | undefined;
  /** The templates that the app may send. */
  sendable: UseQueryResult<{ items: readonly Sendable[] }>;
  template: Sendable | undefined;
  /** Fields without which nothing can be said. */
  gaps: readonly string[];
  said: Said | null;
  card: UseQueryResult<Plan>;
  /** The draft with its audience, in JSON; null while it cannot be sent. */
  request: string | null;
  plan: UseQueryResult<Plan>;
  /** The answer about this very draft; null while there is none. */
  answer: Plan | null;
  /** The version that the template had before, where another is live now. */
  replaced: number | null;
}

export function useDryRun({ draft, update }: Composing, apps: readonly ComposeApp[]): DryRun {
  const org = useOrg();
  const app = apps.find((a) => a.agent_id === draft.agent) ?? apps[0];
  const sendable = useQuery(sendableQuery(org, app?.templates ? app.agent_id : ''));
  const template = sendable.data?.items.find((one) => one.template_id === draft.template?.id);
  const replaced = useLiveVersion(template, draft.template, (version) =>
    update({ template: { id: template?.template_id ?? '', version } }),
  );
  const parameters = template?.parameters ?? [];
  const open = gaps(draft, parameters);
  const said = open.length > 0 || !app ? null : saidRequest({ ...draft, agent: app.agent_id }, app.name, parameters);
  const saidText = json(said);
  const request = json(draftRequest(said, draft.audience));
  const asked = usePaused(request);
  const plan = useQuery(planQuery(org, asked));
  const card = useQuery(planQuery(org, usePaused(saidText)));
  useNewerVersion(template, card.data?.template ?? null, sendable.refetch);
  return {
    app,
    sendable,
    template,
    gaps: open,
    said,
    card,
    request,
    plan,
    answer: answerTo(request, asked, plan),
    replaced,
  };
}

function json(value: object | null): string | null {
  return value && JSON.stringify(value);
}

/** What the server has answered about a request: nothing while another is asked about. */
export function answerTo(
  request: string | null,
  asked: string | null,
  plan: Pick<UseQueryResult<Plan>, 'data' | 'isPlaceholderData' | 'isError'>,
): Plan | null {
  return request !== null && request === asked && !plan.isPlaceholderData && !plan.isError ? (plan.data ?? null) : null;
}

/** Where another version is live than that whose parameters are filled in, they are asked for again. */
function useNewerVersion(known: Sendable | undefined, live: Plan['template'], ask: () => unknown): void {
  const newer = live !== null && live.template_id === known?.template_id && live.version > known.version;
  useEffect(() => {
    if (newer) {
      ask();
    }
  }, [newer, ask]);
}

/** Writes the version that is live into the draft; which one it replaced, if somebody has seen that. */
function useLiveVersion(
  live: Sendable | undefined,
  chosen: { version: number } | null,
  take: (version: number) => void,
): number | null {
  const [replaced, setReplaced] = useState<{ id: string; version: number } | null>(null);
  useEffect(() => {
    if (live && chosen && chosen.version !== live.version) {
      setReplaced(chosen.version > 0 ? { id: live.template_id, version: chosen.version } : null);
      take(live.version);
    }
  });
  return replaced && replaced.id === live?.template_id ? replaced.version : null;
}
