// A new app: its name, then its secret, then its page.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Input, Modal } from 'antd';
import { t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import { Labelled } from '../../form/labelled';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { count } from '../../form/texts';
import { useOrg } from '../../shell/session';
import { number } from '../notifications/model';
import { createApp } from './queries';
import { SecretOnce } from './secretonce';
import { settingRefusal } from './wrong';

const [mostName, mostDescription] = [64, 500];

export function NewApp({ onClose }: { onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const kept = useKeptForm('new app', { name: '', description: '' });
  const { name, description } = kept.form;
  const make = useMutation({
    mutationFn: () => createApp(org, { name, description }),
    onSuccess: () => {
      kept.drop();
      void queries.invalidateQueries({ queryKey: ['apps'] });
      void queries.invalidateQueries({ queryKey: ['session'] }); // with which apps one may send by hand
    },
  });
  const isReady = name.trim() !== '' && count(name) <= mostName && count(description) <= mostDescription;
  const go = () => isReady && !make.isPending && !make.data && make.mutate();
  useSubmitKey(go, { inDialog: true });
  if (make.data) {
    const { agent_id: agent, secret, installation } = make.data;
    const people = installation?.range.people ?? 0;
    return (
      <SecretOnce
        title={t('newApp.made', { name: make.data.name })}
        secret={secret}
        done={t('newApp.open')}
        onDone={() => void navigate({ to: '/apps/$agent/$tab', params: { agent, tab: 'overview' } })}
      >
        <p>{t('newApp.reach', { count: people, text: number(people) })}</p>
      </SecretOnce>
    );
  }
  return (
    <Modal
      open
      title={t('newApp.title')}
      okText={t('newApp.do')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !isReady, 'aria-keyshortcuts': submitShortcut }}
      confirmLoading={make.isPending}
      onOk={go}
      onCancel={() => {
        kept.drop();
        onClose();
      }}
      closable={{ 'aria-label': t('close') }}
    >
      <div className="new-app">
        <FoundNotice at={kept.foundAt} onForget={kept.drop} />
        <p className="quiet">{t('newApp.text')}</p>
        <Labelled label={t('app.name')} value={name} most={mostName} wrong="">
          {(named) => (
            <Input
              {...named}
              autoFocus
              value={name}
              onChange={(e) => kept.update({ name: e.target.value, description })}
            />
          )}
        </Labelled>
        <Labelled
          label={t('app.description')}
          value={description}
          most={mostDescription}
          wrong={make.isError ? settingRefusal(make.error) : ''}
        >
          {(named) => (
            <Input
              {...named}
              value={description}
              onChange={(e) => kept.update({ name, description: e.target.value })}
            />
          )}
        </Labelled>
      </div>
    </Modal>
  );
}
