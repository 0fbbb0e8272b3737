// Changes the status bar of an oa message: its text and colour, and how the
// inbox will show it.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Input, Modal } from 'antd';
import { t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { hexOf, inkOf } from './ink';
import { changeStatusBar, type TaskDetail } from './queries';

const longest = 100;
const own = 'own';

// The colours that DingTalk's documentation uses for these states.
const colors = [
  { name: 'agreed', hex: '78C06E' },
  { name: 'refused', hex: 'F65E5E' },
  { name: 'pending', hex: 'FF9D46' },
  { name: 'withdrawn', hex: '858E99' },
] as const;

export function StatusBar({ task, onClose }: { task: TaskDetail; onClose: () => void }) {
  const kept = useKeptForm(`status bar ${task.task_id}`, { text: '', choice: colors[0].hex as string, written: '' });
  const { text, choice, written } = kept.form;
  const update = (changes: Partial<typeof kept.form>) => kept.update({ ...kept.form, ...changes });
  const close = () => {
    kept.drop();
    onClose();
  };
  const color = choice === own ? hexOf(written) : choice;
  const { mutate, isPending } = useChange(task, close);
  const ready = text.trim() !== '' && color !== null;
  const go = () => ready && !isPending && mutate({ value: text.trim(), background: color });
  useSubmitKey(go, { inDialog: true });
  return (
    <Modal
      open
      title={t('statusBar.title')}
      okText={t('statusBar.save')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !ready, 'aria-keyshortcuts': submitShortcut }}
      confirmLoading={isPending}
      closable={{ 'aria-label': t('close') }}
      onOk={go}
      onCancel={close}
    >
      <FoundNotice at={kept.foundAt} onForget={kept.drop} />
      <div className="bar-form">
        <Input
          autoFocus
          aria-label={t('statusBar.text')}
          placeholder={t('statusBar.text')}
          maxLength={longest}
          showCount
          value={text}
          onChange={(e) => update({ text: e.target.value })}
        />
        <Colors choice={choice} onChoose={(hex) => update({ choice: hex })} />
        {choice === own && (
          <Input
            aria-label={t('statusBar.hex')}
            placeholder="#1677FF"
            maxLength={7}
            status={written !== '' && color === null ? 'error' : ''}
            value={written}
            onChange={(e) => update({ written: e.target.value })}
          />
        )}
        <div className="bar-previews">
          <Chip theme="light" text={text.trim()} color={color} />
          <Chip theme="dark" text={text.trim()} color={color} />
        </div>
      </div>
    </Modal>
  );
}

function useChange(task: TaskDetail, onDone: () => void) {
  const org = useOrg();
  const queries = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (bar: { value: string; background: string }) => changeStatusBar(org, task.task_id, bar),
    onSuccess: (changed) => {
      queries.setQueryData(['task', org, task.task_id], changed);
      message.success(t('statusBar.done'));
      onDone();
    },
    onError: (e) => void message.error(refusalText(e)),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['task', org, task.task_id] });
      void queries.invalidateQueries({ queryKey: ['task-log', org, task.task_id] });
    },
  });
}

function Colors(props: { choice: string; onChoose: (choice: string) => void }) {
  return (
    <fieldset className="bar-colors">
      <legend>{t('statusBar.color')}</legend>
      {[...colors, { name: own, hex: own }].map(({ name, hex }) => (
        <label key={name} className="bar-color">
          <input
            type="radio"
            name="status-bar-color"
            checked={props.choice === hex}
            onChange={() => props.onChoose(hex)}
          />
          {hex !== own && <span className="bar-dot" style={{ background: `#${hex}` }} aria-hidden="true" />}
          {t(`barColor.${name}`)}
        </label>
      ))}
    </fieldset>
  );
}

/** The status as the inbox shows it in a theme. */
function Chip(props: { theme: 'light' | 'dark'; text: string; color: string | null }) {
  const { theme, color } = props;
  const look = color === null ? {} : { '--sent': `#${color}`, '--ink': `#${inkOf(color)[theme]}` };
  return (
    <div className="bar-preview" data-theme={theme}>
      <span className="bar-chip" style={look as React.CSSProperties}>
        {props.text || t('statusBar.text')}
      </span>
    </div>
  );
}
