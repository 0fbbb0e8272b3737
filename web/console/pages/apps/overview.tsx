// What an app is, and what a program that sends with it has to know.

import { Copy } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { t } from '../../../shared/words';
import { useSession } from '../../shell/session';
import { useCopy } from '../notifications/copy';
import type { App } from './queries';

export function Overview({ app }: { app: App }) {
  const { current } = useSession();
  const kind =
    app.kind === 'internal'
      ? t('app.kind.internal')
      : t('app.thirdPartyOf', { name: app.provider.name || app.provider.corp_id });
  return (
    <div className="app-parts">
      <Facts title={t('app.about')}>
        <Fact label={t('app.name')}>{app.name}</Fact>
        <Fact label={t('app.kind')}>{kind}</Fact>
        <Fact label={t('app.description')}>{app.description}</Fact>
        <Fact label={t('app.page')}>{app.page_url && <code>{app.page_url}</code>}</Fact>
        <Fact label={t('app.hosts')}>
          {app.trusted_hosts.length > 0 && <code>{app.trusted_hosts.join('  ')}</code>}
        </Fact>
      </Facts>
      <Facts title={t('app.ids')} text={t('app.ids.text')}>
        {app.agent_id && <ID label={t('app.agent')} id={app.agent_id} />}
        <ID label={t('app.key')} id={app.app_key} />
        <ID label={t('app.corp')} id={current.corp_id} />
      </Facts>
    </div>
  );
}

function Facts(props: { title: string; text?: string; children: ReactNode }) {
  const label = useId();
  return (
    <section className="panel app-part" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{props.title}</h2>
      </div>
      {props.text && <p className="panel-text">{props.text}</p>}
      <dl className="app-facts">{props.children}</dl>
    </section>
  );
}

function Fact(props: { label: string; children: ReactNode }) {
  return (
    <div className="app-fact">
      <dt>{props.label}</dt>
      <dd>{props.children || <span className="quiet">{t('app.notSet')}</span>}</dd>
    </div>
  );
}

function ID({ label, id }: { label: string; id: string }) {
  const copy = useCopy();
  return (
    <Fact label={label}>
      <code>{id}</code>
      <button
        type="button"
        className="icon-button"
        aria-label={t('app.copy', { name: label })}
        onClick={() => copy(id)}
      >
        <Copy size={16} aria-hidden="true" />
      </button>
    </Fact>
  );
}
