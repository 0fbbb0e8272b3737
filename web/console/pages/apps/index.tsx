// The apps of the organization: its own, and those of others that it has installed.

import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Avatar } from '../../../shared/look/avatar';
import { t } from '../../../shared/words';
import { type Column, DataPage } from '../../list/datapage';
import type { Filter } from '../../list/filters';
import { type ListSearch, useListPlace } from '../../list/search';
import { Status } from '../../list/status';
import { Age } from '../../list/when';
import { addressOf, appsQuery, type InstalledApp } from '../../shell/apps';
import { useOrg } from '../../shell/session';
import { Empty } from '../../shell/states';
import { Install } from './install';
import { reachText } from './model';
import { NewApp } from './newapp';
import './apps.css';

export default function Apps() {
  const org = useOrg();
  const { search } = useListPlace();
  const query = useQuery({
    ...appsQuery(org),
    staleTime: 0,
    select: ({ items, may }) => ({
      items: items.filter((app) => matches(app, search)),
      columns: columnsOf(items),
      may,
    }),
  });
  const [making, setMaking] = useState(false);
  const [installing, setInstalling] = useState(false);
  return (
    <>
      <DataPage
        name="apps"
        title={t('page.apps')}
        lead={t('apps.lead')}
        actions={
          <>
            {query.data?.may.install && (
              <Button className="only-desktop" onClick={() => setInstalling(true)}>
                {t('install')}
              </Button>
            )}
            {query.data?.may.create && (
              <Button
                type="primary"
                className="only-desktop"
                icon={<Plus size={16} aria-hidden="true" />}
                onClick={() => setMaking(true)}
              >
                {t('newApp')}
              </Button>
            )}
          </>
        }
        filters={filters()}
        query={query}
        rowKey={addressOf}
        columns={query.data?.columns ?? columns}
        second={(app) => `${stateText(app)} · ${reachText(app.reach)}`}
        link={(app) => ({ to: '/apps/$agent/$tab', params: { agent: addressOf(app), tab: 'overview' } })}
        empty={<Empty title={t('apps.none')} text={t('apps.noneText')} />}
      />
      {installing && <Install onClose={() => setInstalling(false)} />}
      {making && <NewApp onClose={() => setMaking(false)} />}
    </>
  );
}

const columns: readonly Column<InstalledApp>[] = [
  { key: 'name', title: 'app.name', cell: (app) => <Name app={app} />, main: true },
  { key: 'kind', title: 'app.kind', cell: kindText },
  {
    key: 'state',
    title: 'app.state',
    cell: (app) => <Status tone={app.enabled ? 'good' : 'none'}>{stateText(app)}</Status>,
    width: 128,
  },
  { key: 'reach', title: 'app.range', cell: (app) => reachText(app.reach) },
];

const secretAge: Column<InstalledApp> = {
  key: 'secret',
  title: 'apps.oldestSecret',
  cell: (app) => (app.oldest_secret_at === null ? '—' : <Age since={app.oldest_secret_at} />),
  width: 144,
};

/** Whoever may see no secret is shown no column of them. */
function columnsOf(items: readonly InstalledApp[]): readonly Column<InstalledApp>[] {
  return items.some((app) => app.oldest_secret_at !== null) ? [...columns, secretAge] : columns;
}

function Name({ app }: { app: InstalledApp }) {
  return (
    <span className="app-name">
      <Avatar name={app.name} icon={app.icon} size={32} />
      <span>{app.name}</span>
    </span>
  );
}

/** An app of another organization names it. */
function kindText(app: InstalledApp): string {
  return app.kind === 'internal' ? t('app.kind.internal') : t('app.thirdPartyOf', { name: app.provider.name });
}

function stateText(app: InstalledApp): string {
  return app.enabled ? t('app.on') : t('app.off');
}

const kinds = ['internal', 'third_party'] as const;

function filters(): Filter[] {
  return [
    { key: 'q', kind: 'text', label: t('apps.search') },
    {
      key: 'kind',
      kind: 'choice',
      label: t('app.kind'),
      options: kinds.map((value) => ({ value, label: t(`app.kind.${value}`) })),
    },
    {
      key: 'state',
      kind: 'choice',
      label: t('app.state'),
      options: [
        { value: 'on', label: t('app.on') },
        { value: 'off', label: t('app.off') },
      ],
    },
  ];
}

function matches(app: InstalledApp, { q, kind, state }: ListSearch): boolean {
  return (
    (kind === undefined || app.kind === kind) &&
    (state === undefined || app.enabled === (state === 'on')) &&
    (q === undefined || app.agent_id === q || app.name.toLowerCase().includes(q.toLowerCase()))
  );
}
