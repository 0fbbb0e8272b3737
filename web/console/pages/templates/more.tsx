// What is done with a template now and then: copying, switching off and on,
// discarding a draft, deleting.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Dropdown, Input, type MenuProps, Modal } from 'antd';
import { Ellipsis } from 'lucide-react';
import { useId, useState } from 'react';
import { t } from '../../../shared/words';
import { useMenuButton } from '../../form/menubutton';
import { useDone } from '../../form/undone';
import { refusalText } from '../../shell/refusal';
import { type At, clone, discard, remove, switchOn, type Template } from './queries';
import { useRefreshed } from './refreshed';

type Deed = 'clone' | 'on' | 'off' | 'discard' | 'delete';

export function More(props: { at: At; template: Template; edition: () => number }) {
  const { at, template } = props;
  const [sure, setSure] = useState<'discard' | 'delete' | null>(null);
  const { button, open, setOpen, back } = useMenuButton();
  const act = useDeed(props);
  const items: MenuProps['items'] = deedsOf(template).map((deed) => ({
    key: deed,
    label: t(`deed.${deed}`),
    danger: deed === 'delete' || deed === 'discard',
  }));
  const choose = (deed: Deed) => (deed === 'discard' || deed === 'delete' ? setSure(deed) : act.mutate(deed));
  return (
    <>
      <Dropdown
        trigger={['click']}
        autoFocus
        open={open}
        onOpenChange={setOpen}
        menu={{
          items,
          onClick: (chosen) => {
            back(chosen);
            choose(chosen.key as Deed);
          },
        }}
      >
        <Button
          ref={button}
          aria-label={t('more')}
          aria-haspopup="menu"
          aria-expanded={open}
          icon={<Ellipsis size={16} aria-hidden="true" />}
        />
      </Dropdown>
      {sure && (
        <Sure key={at.id} deed={sure} template={template} onDo={() => act.mutate(sure)} onClose={() => setSure(null)} />
      )}
    </>
  );
}

function deedsOf({ newest, live_version: live, enabled }: Template): Deed[] {
  return [
    'clone',
    ...(live === null ? [] : [enabled ? ('off' as const) : ('on' as const)]),
    ...(newest.state === 'draft' && newest.number > 1 ? ['discard' as const] : []),
    'delete',
  ];
}

function useDeed({ at, edition }: { at: At; edition: () => number }) {
  const { message } = App.useApp();
  const done = useDone();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const refreshed = useRefreshed(at);
  const go = (id: string) => navigate({ to: '/templates/$agent/$id', params: { agent: at.agent, id } });
  const act = useMutation({
    mutationFn: async (deed: Deed) => {
      switch (deed) {
        case 'clone':
          return void (await go((await clone(at)).template_id));
        case 'on':
        case 'off':
          refreshed(await switchOn(at, deed === 'on'));
          return done(t(`deed.${deed}.done`), () => act.mutate(deed === 'on' ? 'off' : 'on'));
        case 'discard':
          return refreshed(await discard(at, edition()));
        case 'delete':
          await remove(at);
          await navigate({ to: '/templates' });
      }
      return undefined;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['templates'] }),
    onError: (e) => void message.error(refusalText(e)),
  });
  return act;
}

/** Asks before what cannot be undone; of what was ever sent, its name is asked for. */
function Sure(props: { deed: 'discard' | 'delete'; template: Template; onDo: () => void; onClose: () => void }) {
  const { deed, template, onDo, onClose } = props;
  const field = useId();
  const [name, setName] = useState('');
  const named = deed === 'delete' && template.live_version !== null;
  return (
    <Modal
      open
      title={t(`sure.${deed}`, { name: template.name })}
      okText={t(`deed.${deed}`)}
      cancelText={t('cancel')}
      okButtonProps={{ danger: true, disabled: named && name.trim() !== template.name }}
      cancelButtonProps={{ autoFocus: !named }}
      onOk={() => {
        onDo();
        onClose();
      }}
      onCancel={onClose}
      closable={{ 'aria-label': t('close') }}
    >
      <p>{t(`sure.${deed}.text`)}</p>
      {named && (
        <div className="sure-name">
          <label htmlFor={field}>{t('sure.name', { name: template.name })}</label>
          <Input id={field} autoFocus value={name} onChange={(e) => setName(e.target.value)} />
        </div>
      )}
    </Modal>
  );
}
