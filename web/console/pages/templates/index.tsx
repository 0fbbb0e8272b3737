// All templates that one may see, as cards or rows, grouped by state.

import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { DataPage, type Group } from '../../list/datapage';
import type { Filter } from '../../list/filters';
import { type ListSearch, useListPlace } from '../../list/search';
import { appOptions, appsQuery, type InstalledApp } from '../../shell/apps';
import { useOrg } from '../../shell/session';
import { Empty } from '../../shell/states';
import { Cards } from './cards';
import { NewTemplate } from './new';
import { type ListedTemplate, templatesQuery } from './queries';
import { columns, linkTo, Second } from './rows';
import './templates.css';

/** In the order in which somebody has something to do about them. */
const groups = ['rejected', 'draft', 'withdrawn', 'in_review', 'approved', 'disabled'] as const;
const kinds = ['markdown', 'action_card', 'form'] as const;

export default function Templates() {
  const org = useOrg();
  const { search, size } = useListPlace();
  const query = useQuery(templatesQuery(org, asked(search, size)));
  const [making, setMaking] = useState(false);
  const apps = useQuery(appsQuery(org)).data ?? [];
  const writable = apps.filter((a) => a.may.write_templates);
  const button = writable.length > 0 && (
    <Button type="primary" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setMaking(true)}>
      {t('template.new')}
    </Button>
  );
  return (
    <>
      <DataPage
        name="templates"
        title={t('page.templates')}
        lead={t('templates.lead')}
        actions={button}
        filters={filtersOf(apps)}
        query={query}
        rowKey={(item) => item.template_id}
        columns={columns}
        link={linkTo}
        second={(item) => <Second item={item} />}
        groups={groupsOf}
        cards={(items) => <Cards groups={groupsOf(items)} />}
        empty={<Empty title={t('templates.none')} text={t('templates.noneText')} />}
      />
      {making && <NewTemplate apps={writable} onClose={() => setMaking(false)} />}
    </>
  );
}

function asked(search: ListSearch, limit: number) {
  const { q, app, kind, state, mine, before } = search;
  return {
    limit,
    ...(q === undefined ? {} : { q }),
    ...(app === undefined ? {} : { app }),
    ...(isOneOf(kinds, kind) ? { kind } : {}),
    ...(isOneOf(groups, state) ? { state } : {}),
    ...(mine === undefined ? {} : { mine: true }),
    ...(before === undefined ? {} : { before }),
  };
}

function isOneOf<T extends string>(list: readonly T[], value: string | undefined): value is T {
  return list.some((one) => one === value);
}

function filtersOf(apps: readonly InstalledApp[]): Filter[] {
  const options = (prefix: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${prefix}.${value}`) }));
  return [
    { key: 'q', kind: 'text', label: t('templates.search') },
    { key: 'state', kind: 'choice', label: t('template.state'), options: options('template.group', groups) },
    {
      key: 'kind',
      kind: 'choice',
      label: t('template.kind'),
      options: options('kind', kinds),
    },
    { key: 'app', kind: 'choice', label: t('app'), options: appOptions(apps) },
    { key: 'mine', kind: 'choice', label: t('templates.by'), options: [{ value: '1', label: t('templates.mine') }] },
  ];
}

/** Those of a page in each state, without the states that none is in. */
function groupsOf(items: readonly ListedTemplate[]): Group<ListedTemplate>[] {
  return groups
    .map((state) => ({
      key: state,
      title: t(`template.group.${state}`),
      items: items.filter((item) => item.state === state),
    }))
    .filter((group) => group.items.length > 0);
}
