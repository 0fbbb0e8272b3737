// What else can be done with a row: see only those that are like it, copy its
// id, recall it.

import { useNavigate } from '@tanstack/react-router';
import { Dropdown, type MenuProps } from 'antd';
import { Ellipsis } from 'lucide-react';
import { t } from '../../../shared/words';
import { useMenuButton } from '../../form/menubutton';
import type { ListPlace } from '../../list/search';
import { useSendAgain } from './again';
import { useCopy } from './copy';
import { titleOf } from './model';
import type { Task } from './queries';
import { useRecall } from './recall';

export function RowMenu({ task, place }: { task: Task; place: ListPlace }) {
  const { button, open, setOpen, back } = useMenuButton();
  const copy = useCopy();
  const recall = useRecall();
  const navigate = useNavigate();
  const go = (search: { copy?: string; unread_of?: string }) => void navigate({ to: '/compose', search });
  const { app, template, by } = task;
  const items: NonNullable<MenuProps['items']> = [
    { key: 'copy', label: t('task.copy'), onClick: () => copy(task.task_id) },
    { type: 'divider' },
    { key: 'app', label: t('tasks.onlyApp'), onClick: () => place.filter({ app: app.agent_id }) },
  ];
  if (template) {
    const { template_id: only } = template;
    items.push({ key: 'template', label: t('tasks.onlyTemplate'), onClick: () => place.filter({ template: only }) });
  }
  if (by.person?.userid) {
    const { userid: only } = by.person;
    items.push({ key: 'by', label: t('tasks.onlyBy'), onClick: () => place.filter({ by: only }) });
  }
  const can = useSendAgain()(task);
  if (can.copy || can.unread) {
    items.push({ type: 'divider' });
  }
  if (can.unread) {
    items.push({ key: 'unread', label: t('again.unread'), onClick: () => go({ unread_of: task.task_id }) });
  }
  if (can.copy) {
    items.push({ key: 'again', label: t('again.copy'), onClick: () => go({ copy: task.task_id }) });
  }
  if (task.may.recall) {
    items.push(
      { type: 'divider' },
      { key: 'recall', label: t('recall.open'), danger: true, onClick: () => recall(task) },
    );
  }
  return (
    <Dropdown
      trigger={['click']}
      placement="bottomRight"
      autoFocus
      open={open}
      onOpenChange={setOpen}
      menu={{ items, onClick: back }}
    >
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label={t('tasks.menu', { title: titleOf(task) ?? task.task_id })}
        aria-haspopup="menu"
        aria-expanded={open}
      >
        <Ellipsis size={18} aria-hidden="true" />
      </button>
    </Dropdown>
  );
}
