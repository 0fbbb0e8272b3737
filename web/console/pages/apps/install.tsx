// Installs a third-party app by the suite key that its provider tells.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Input, Modal, Radio } from 'antd';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import { Labelled } from '../../form/labelled';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { installApp } from './queries';

export function Install({ onClose }: { onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const kept = useKeptForm('install', { key: '', everyone: false });
  const { key, everyone } = kept.form;
  const install = useMutation({
    mutationFn: () => installApp(org, { suite_key: key.trim(), range: everyone ? { everyone } : {} }),
    onSuccess: ({ agent_id: agent }) => {
      kept.drop();
      void queries.invalidateQueries({ queryKey: ['apps'] });
      void queries.invalidateQueries({ queryKey: ['session'] }); // with which apps one may send by hand
      void navigate({ to: '/apps/$agent/$tab', params: { agent, tab: 'range' } });
    },
  });
  const ready = key.trim() !== '';
  const go = () => ready && !install.isPending && install.mutate();
  useSubmitKey(go, { inDialog: true });
  return (
    <Modal
      open
      title={t('install.title')}
      okText={t('install.do')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !ready, 'aria-keyshortcuts': submitShortcut }}
      confirmLoading={install.isPending}
      onOk={go}
      onCancel={() => {
        kept.drop();
        onClose();
      }}
      closable={{ 'aria-label': t('close') }}
    >
      <div className="new-app">
        <FoundNotice at={kept.foundAt} onForget={kept.drop} />
        <p className="quiet">{t('install.text')}</p>
        <Labelled label={t('suite.key')} value={key} wrong={install.isError ? refusal(install.error) : ''}>
          {(named) => (
            <Input
              {...named}
              autoFocus
              maxLength={64}
              value={key}
              onChange={(e) => kept.update({ key: e.target.value, everyone })}
            />
          )}
        </Labelled>
        <Radio.Group
          aria-label={t('app.range')}
          value={everyone}
          options={[
            { value: false, label: t('install.later') },
            { value: true, label: t('app.range.everyone') },
          ]}
          onChange={(e) => kept.update({ key, everyone: e.target.value })}
        />
      </div>
    </Modal>
  );
}

function refusal(error: unknown): string {
  return error instanceof Refused && error.code === 'conflict' ? t('install.there') : refusalText(error);
}
