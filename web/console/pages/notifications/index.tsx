// What the organization was sent, newest first.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { t } from '../../../shared/words';
import { type Column, DataPage } from '../../list/datapage';
import type { Filter } from '../../list/filters';
import { useListPlace } from '../../list/search';
import { When } from '../../list/when';
import { appOptions, appsQuery, type InstalledApp } from '../../shell/apps';
import { useWatch } from '../../shell/living';
import { useOrg } from '../../shell/session';
import { useCalm } from './calm';
import { Rate, Reached, Status, Title } from './cells';
import { FirstSteps } from './firststeps';
import { audience, doer, number } from './model';
import { type Task, tasksQuery } from './queries';
import { RowMenu } from './rowmenu';
import './notifications.css';

export default function Notifications() {
  const org = useOrg();
  const place = useListPlace();
  const query = useQuery({ ...tasksQuery(org, place.search, place.size), placeholderData: keepPreviousData });
  const apps = useQuery(appsQuery(org)).data ?? [];
  const { shown, waiting, show } = useCalm(query, JSON.stringify([org, place.search]));
  useWatch(countable(shown.data?.items ?? []));
  return (
    <DataPage
      name="notifications"
      title={t('page.notifications')}
      lead={t('tasks.lead')}
      query={shown}
      filters={filtersOf(shown.data?.items ?? [], apps)}
      rowKey={(task) => task.task_id}
      columns={columns}
      link={(task) => ({ to: '/notifications/$task', params: { task: task.task_id } })}
      second={(task) => <Second task={task} />}
      menu={(task) => <RowMenu task={task} place={place} />}
      above={<Waiting count={waiting} page={place.size} onShow={show} />}
      empty={<FirstSteps />}
    />
  );
}

const mostWatched = 20; // the server tells of no more

/** The rows whose numbers are told: the newest that are not recalled. */
function countable(items: readonly Task[]): string[] {
  const all = items.filter((task) => task.state === 'sent' && !task.receipts_dropped);
  return all.slice(0, mostWatched).map((task) => task.task_id);
}

const columns: readonly Column<Task>[] = [
  { key: 'title', title: 'tasks.title', main: true, cell: (task) => <Title task={task} /> },
  { key: 'app', title: 'app', cell: (task) => <span className="cut">{task.app.name}</span> },
  { key: 'audience', title: 'tasks.audience', cell: (task) => <span className="cut">{audience(task.named)}</span> },
  { key: 'state', title: 'tasks.state', cell: (task) => <Status task={task} /> },
  { key: 'reached', title: 'tasks.reached', numeric: true, cell: (task) => <Reached task={task} /> },
  { key: 'rate', title: 'tasks.rate', cell: (task) => <Rate task={task} /> },
  {
    key: 'by',
    title: 'tasks.by',
    cell: ({ by }) => (by.person ? <span className="cut">{doer(by)}</span> : <code className="cut">{doer(by)}</code>),
  },
  { key: 'at', title: 'tasks.at', cell: (task) => <When at={task.sent_at} /> },
];

function Second({ task }: { task: Task }) {
  return (
    <span className="task-second">
      <Status task={task} />
      <Reached task={task} />
      <When at={task.sent_at} />
    </span>
  );
}

/** New notifications wait here, so that nothing moves under the pointer. */
function Waiting(props: { count: number; page: number; onShow: () => void }) {
  const { count, page } = props;
  const text = count < page ? number(count) : `${number(count)}+`;
  return (
    <div role="status">
      {count > 0 && (
        <button type="button" className="waiting" onClick={props.onShow}>
          {t('tasks.waiting', { count, text })}
        </button>
      )}
    </div>
  );
}

const choices = {
  state: ['sent', 'recalled'],
  type: ['text', 'image', 'voice', 'file', 'link', 'oa', 'markdown', 'action_card'],
  audience: ['everyone', 'departments', 'people'],
  held: ['true', 'false'],
  test: ['true', 'false'],
} as const;

function filtersOf(items: readonly Task[], apps: readonly InstalledApp[]): Filter[] {
  const choice = (key: keyof typeof choices, label: string): Filter => ({
    key,
    label,
    kind: 'choice',
    options: choices[key].map((value) => ({ value, label: t(`choice.${key}.${value}`) })),
  });
  const row = (key: string, label: string, name: (task: Task) => [string, string] | null): Filter => ({
    key,
    label,
    kind: 'row',
    name: (value) => items.map(name).find((known) => known?.[0] === value)?.[1] || value,
  });
  return [
    { key: 'q', label: t('tasks.search'), kind: 'text', max: 120 },
    { key: 'app', label: t('app'), kind: 'choice', options: appOptions(apps.filter((app) => app.agent_id !== '')) },
    choice('state', t('tasks.state')),
    choice('type', t('tasks.type')),
    choice('audience', t('tasks.audience')),
    choice('held', t('tasks.held')),
    choice('test', t('tasks.test')),
    { key: 'period', label: t('tasks.period'), kind: 'period' },
    row('template', t('tasks.template'), ({ template: own }) => own && [own.template_id, own.name]),
    row('by', t('tasks.by'), ({ by }) => by.person && [by.person.userid, by.person.name]),
  ];
}
