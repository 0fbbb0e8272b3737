// Recalling a notification, which cannot be undone: the question says how many
// people it is about.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { number } from './model';
import { recall, type Task } from './queries';

/** Asks, and recalls. */
export function useRecall(): (task: Pick<Task, 'task_id' | 'counts'>) => void {
  const org = useOrg();
  const queries = useQueryClient();
  const { message, modal } = App.useApp();
  const { mutateAsync } = useMutation({
    mutationFn: (id: string) => recall(org, id),
    onSuccess: (task) => {
      queries.setQueryData(['task', org, task.task_id], task);
      message.success(t('recall.done'));
    },
    onError: (e) => void message.error(refusalText(e)),
    onSettled: (_task, _e, id) => {
      void queries.invalidateQueries({ queryKey: ['tasks', org] });
      void queries.invalidateQueries({ queryKey: ['task', org, id] });
    },
  });
  return ({ task_id: id, counts: { sent, read } }) =>
    void modal.confirm({
      title: t('recall.title'),
      content: (
        <>
          {t('recall.effect', { count: sent, text: number(sent) })}
          {read !== null && read > 0 && t('recall.read', { count: read, text: number(read) })}
          {t('recall.final')}
        </>
      ),
      okText: t('recall.action', { count: sent, text: number(sent) }),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      autoFocusButton: 'cancel',
      icon: null,
      onOk: () => mutateAsync(id).catch(() => undefined), // it has been told
    });
}
