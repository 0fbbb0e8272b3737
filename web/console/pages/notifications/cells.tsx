// The cells of a row.

import {
  ClipboardList,
  FileText,
  Image,
  Link2,
  type LucideIcon,
  MessageSquareText,
  Mic,
  Paperclip,
  SquareMousePointer,
} from 'lucide-react';
import { t } from '../../../shared/words';
import { number, readRate, stateOf, titleOf } from './model';
import type { Task } from './queries';

const icons: Readonly<Record<string, LucideIcon>> = {
  text: MessageSquareText,
  image: Image,
  voice: Mic,
  file: Paperclip,
  link: Link2,
  oa: ClipboardList,
  markdown: FileText,
  action_card: SquareMousePointer,
};

export function Title({ task }: { task: Task }) {
  const Icon = icons[task.type] ?? MessageSquareText;
  const title = titleOf(task);
  return (
    <span className="task-title">
      <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
      <span className="task-words">
        <span className="task-name" title={title ?? undefined}>
          {title ?? <span className="quiet">{t('task.gone')}</span>}
        </span>
        <span className="unseen">{t(`choice.type.${task.type}`)}</span>
        {task.template && (
          <span className="task-template only-desktop">
            {t('task.template', { name: task.template.name || t('task.goneTemplate'), n: task.template.version })}
          </span>
        )}
      </span>
    </span>
  );
}

/** A state: a dot and a word, never a colour alone. */
export function Status({ task }: { task: Task }) {
  const state = stateOf(task);
  return (
    <span className="status" data-state={state}>
      {t(`taskState.${state}`)}
    </span>
  );
}

export function Reached({ task }: { task: Task }) {
  const { sent, named } = task.counts;
  return (
    <span className={sent < named ? 'reached short' : 'reached'}>
      {number(sent)} / {number(named)}
    </span>
  );
}

export function Rate({ task }: { task: Task }) {
  const rate = readRate(task.counts);
  if (rate === null) {
    const why = task.receipts_dropped ? t('rate.dropped') : t('rate.none');
    return (
      <span className="quiet" title={why}>
        <span aria-hidden="true">–</span>
        <span className="unseen">{why}</span>
      </span>
    );
  }
  return (
    <span className="rate">
      <meter className="rate-bar" min={0} max={100} value={rate} aria-label={t('tasks.rate')} />
      {rate}%
    </span>
  );
}
