// What is said: by which app, in words of one's own or by a template.

import { Segmented, Select } from 'antd';
import { useId } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { appOptions, appSearch } from '../../shell/apps';
import { refusalText } from '../../shell/refusal';
import type { Composing } from './composing';
import type { Content, ContentChange, Kind } from './content';
import type { Draft } from './draft';
import type { DryRun } from './dryrun';
import { OwnFields } from './ownfields';
import type { ComposeApp } from './queries';
import { TemplateFields } from './templatefields';
import { fieldOf } from './wire';

interface Props {
  composing: Composing;
  run: DryRun;
  apps: readonly ComposeApp[];
}

export function ContentPane({ composing, run, apps }: Props) {
  const { draft, update } = composing;
  const label = useId();
  const refused = run.card.isError && run.said ? run.card.error : null;
  return (
    <section className="panel compose-content" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{t('compose.step.content')}</h2>
      </div>
      <div className="fields">
        <AppChoice apps={apps} app={run.app} onChoose={(app) => update(ofApp(draft, app))} />
        {run.app?.direct && run.app.templates && (
          <Segmented<Draft['from']>
            block
            name="from"
            aria-label={t('compose.from')}
            value={draft.from}
            options={[
              { value: 'own', label: t('compose.from.own') },
              { value: 'template', label: t('compose.from.template') },
            ]}
            onChange={(from) => update({ from })}
          />
        )}
        {draft.from === 'own' ? (
          <Own composing={composing} agent={run.app?.agent_id ?? ''} refused={refused} />
        ) : (
          <TemplateFields composing={composing} run={run} refused={refused} />
        )}
      </div>
    </section>
  );
}

/** The draft for another app: what that one may not say is chosen anew. */
function ofApp(draft: Draft, app: ComposeApp): Partial<Draft> {
  const from = app.direct && app.templates ? draft.from : app.direct ? 'own' : 'template';
  const everyone = draft.audience.everyone && app.everyone;
  return { agent: app.agent_id, from, template: null, audience: { ...draft.audience, everyone } };
}

function AppChoice(props: {
  apps: readonly ComposeApp[];
  app: ComposeApp | undefined;
  onChoose: (app: ComposeApp) => void;
}) {
  const id = useId();
  const choose = (agent: string) => {
    const app = props.apps.find((a) => a.agent_id === agent);
    if (app && app !== props.app) {
      props.onChoose(app);
    }
  };
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{t('app')}</label>
      </div>
      <Select
        id={id}
        value={props.app?.agent_id ?? null}
        options={appOptions(props.apps)}
        showSearch={appSearch(props.apps)}
        onChange={choose}
      />
    </div>
  );
}

/** An upload may end after more was written: what it changes is what is there by then. */
function changed(now: Content, change: ContentChange): Content {
  return { ...now, ...(typeof change === 'function' ? change(now) : change) };
}

const kinds: readonly Kind[] = ['text', 'markdown', 'link', 'whole', 'buttons', 'oa', 'image', 'file', 'voice'];

function Own({ composing, agent, refused }: { composing: Composing; agent: string; refused: unknown }) {
  const { draft, update } = composing;
  const { content } = draft;
  const id = useId();
  const path = refused instanceof Refused ? (refused.problem?.field ?? '') : '';
  const field = refused === null ? undefined : fieldOf(content.kind, path);
  return (
    <>
      <div className="field">
        <div className="field-head">
          <label htmlFor={id}>{t('tasks.type')}</label>
        </div>
        <Select<Kind>
          id={id}
          value={content.kind}
          options={kinds.map((value) => ({ value, label: t(`compose.kind.${value}`) }))}
          onChange={(kind) => update({ content: { ...content, kind } })}
        />
      </div>
      <OwnFields
        agent={agent}
        content={content}
        wrong={(name) => (name === field ? refusalText(refused) : '')}
        update={(change) => update((now) => ({ content: changed(now.content, change) }))}
      />
      {refused !== null && field === undefined && (
        <p className="field-wrong" role="alert">
          {refusalText(refused)}
        </p>
      )}
    </>
  );
}
