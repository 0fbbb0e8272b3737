// One notification: what people see of it, whom it reached, and what has become of it.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { ChevronLeft, Copy } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { Avatar } from '../../../shared/look/avatar';
import { t } from '../../../shared/words';
import { date } from '../../../shared/words/time';
import { Heading } from '../../shell/heading';
import { useWatch } from '../../shell/living';
import { useOrg } from '../../shell/session';
import { Failed, Loading } from '../../shell/states';
import { useSendAgain } from './again';
import { Status } from './cells';
import { useCopy } from './copy';
import { doer, namedInFull, titleOf } from './model';
import { Numbers } from './numbers';
import { mayChange, type TaskDetail, taskQuery } from './queries';
import { useRecall } from './recall';
import { Recipients } from './recipients';
import { Seen } from './seen';
import { StatusBar } from './statusbar';
import { Timeline } from './timeline';
import './notifications.css';
import './detail.css';

export default function NotificationPage() {
  const { task: id } = useParams({ from: '/notifications/$task' });
  const query = useQuery(taskQuery(useOrg(), id));
  if (query.isError && !query.data) {
    return <Failed page error={query.error} onRetry={() => void query.refetch()} />;
  }
  return query.data ? <Detail key={id} task={query.data} /> : <Loading />;
}

function Detail({ task }: { task: TaskDetail }) {
  useWatch(mayChange(task) ? [task.task_id] : []);
  return (
    <>
      <Link to="/notifications" className="task-back">
        <ChevronLeft size={16} aria-hidden="true" />
        {t('page.notifications')}
      </Link>
      <div className="page-head">
        <div className="task-head">
          <Heading>{titleOf(task) ?? t('task.gone')}</Heading>
          <Status task={task} />
          {task.test && <span className="tag">{t('taskState.test')}</span>}
        </div>
        <Actions task={task} />
      </div>
      <div className="task-columns">
        <Seen task={task} />
        <div className="task-right">
          <Numbers task={task} />
          <Facts task={task} />
          <Timeline task={task} />
        </div>
      </div>
      {task.may.recipients && <Recipients task={task} />}
    </>
  );
}

function Actions({ task }: { task: TaskDetail }) {
  const recall = useRecall();
  const [bar, setBar] = useState(false);
  const again = useSendAgain()(task);
  return (
    <div className="page-actions">
      {again.copy && (
        <Link className="button" to="/compose" search={{ copy: task.task_id }}>
          {t('again.copy')}
        </Link>
      )}
      {again.unread && (
        <Link className="button" to="/compose" search={{ unread_of: task.task_id }}>
          {t('again.unread')}
        </Link>
      )}
      {task.may.status_bar && <Button onClick={() => setBar(true)}>{t('statusBar.open')}</Button>}
      {task.may.recall && (
        <Button danger onClick={() => recall(task)}>
          {t('recall.open')}
        </Button>
      )}
      {bar && <StatusBar task={task} onClose={() => setBar(false)} />}
    </div>
  );
}

function Facts({ task }: { task: TaskDetail }) {
  const copy = useCopy();
  const label = useId();
  const { app, by, template } = task;
  return (
    <section className="panel" aria-labelledby={label}>
      <div className="task-panel-head">
        <h2 id={label}>{t('task.facts')}</h2>
      </div>
      <dl className="facts">
        <Fact name={t('app')}>
          <span className="fact-app">
            <Avatar name={app.name} icon={app.icon} size={20} />
            {app.name}
          </span>
        </Fact>
        <Fact name={t('tasks.type')}>{t(`choice.type.${task.type}`)}</Fact>
        {template && (
          <Fact name={t('tasks.template')}>
            {t('task.template', { name: template.name || t('task.goneTemplate'), n: template.version })}
          </Fact>
        )}
        <Fact name={t('tasks.audience')}>{namedInFull(task.named)}</Fact>
        <Fact name={t('tasks.by')}>{by.person ? doer(by) : <code>{doer(by)}</code>}</Fact>
        <Fact name={t('task.sentAt')}>{date(new Date(task.sent_at))}</Fact>
        <Fact name={t('task.id')}>
          <code>{task.task_id}</code>
          <button type="button" className="icon-button" aria-label={t('task.copy')} onClick={() => copy(task.task_id)}>
            <Copy size={16} aria-hidden="true" />
          </button>
        </Fact>
      </dl>
    </section>
  );
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
