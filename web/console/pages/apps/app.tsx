// One app: what it is, whom it may reach, how it is called.

import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Avatar } from '../../../shared/look/avatar';
import { t } from '../../../shared/words';
import { Status } from '../../list/status';
import { Heading } from '../../shell/heading';
import { useOrg, useSession } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { HostsTab } from './hosts';
import { InstalledTab } from './installed';
import { LimitsTab } from './limitstab';
import { tabsOf } from './model';
import { Overview } from './overview';
import { type App, type At, appQuery } from './queries';
import { RangeTab } from './range';
import { SecretsTab } from './secrets';
import { Switch } from './switch';
import { TryTab } from './try';
import { Uninstall } from './uninstall';
import './apps.css';

export default function AppPage() {
  const org = useOrg();
  const { agent } = useParams({ from: '/apps/$agent/$tab' });
  const at = useMemo(() => ({ org, agent }), [org, agent]);
  const query = useQuery(appQuery(at));
  if (query.isError && !query.data) {
    return <Failed page error={query.error} onRetry={() => void query.refetch()} />;
  }
  return query.data ? <Shown key={agent} at={at} app={query.data} /> : <Loading />;
}

/** On a phone there are more tabs than fit. */
function intoView(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function Shown({ at, app }: { at: At; app: App }) {
  const { tab } = useParams({ from: '/apps/$agent/$tab' });
  const { current: organization } = useSession();
  const tabs = tabsOf(app, organization.corp_id);
  const current = tabs.find((one) => one === tab);
  if (current === undefined) {
    return <Navigate to="/apps/$agent/$tab" params={{ agent: at.agent, tab: 'overview' }} replace />;
  }
  return (
    <>
      <div className="title-line">
        <div className="title-names">
          <Link to="/apps">{t('page.apps')}</Link>
          <span className="app-name">
            <Avatar name={app.name} icon={app.icon} size={28} />
            <Heading>{app.name}</Heading>
          </span>
          <Status tone={app.enabled ? 'good' : 'none'}>{app.enabled ? t('app.on') : t('app.off')}</Status>
        </div>
        <div className="page-actions">
          {app.may.manage && app.kind === 'third_party' && <Uninstall at={at} app={app} />}
          {app.may.manage && <Switch at={at} app={app} />}
        </div>
      </div>
      <nav className="lists app-tabs" aria-label={t('app.tabs')}>
        {tabs.map((one) => (
          <Link
            key={one}
            to="/apps/$agent/$tab"
            params={{ agent: at.agent, tab: one }}
            className="list-tab"
            resetScroll={false}
            ref={one === current ? intoView : null}
          >
            {t(`app.tab.${one}`)}
          </Link>
        ))}
      </nav>
      <p className="quiet page-lead">{t(`app.lead.${current}`)}</p>
      {current === 'overview' && <Overview at={at} app={app} />}
      {current === 'secrets' && <SecretsTab at={at} app={app} />}
      {current === 'range' && app.installation && <RangeTab at={at} app={app} installation={app.installation} />}
      {current === 'limits' && <LimitsTab at={at} app={app} />}
      {current === 'hosts' && <HostsTab at={at} app={app} />}
      {current === 'installed' && <InstalledTab at={at} />}
      {current === 'try' && <TryTab app={app} />}
    </>
  );
}
