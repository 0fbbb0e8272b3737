// Takes a third-party app out of one's organization.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App as Antd, Button, Modal } from 'antd';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';
import { type App, type At, uninstallApp } from './queries';

export function Uninstall({ at, app }: { at: At; app: App }) {
  const [asking, setAsking] = useState(false);
  const { message } = Antd.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => uninstallApp(at),
    onSuccess: async ({ in_force }) => {
      await navigate({ to: '/apps' });
      void queries.invalidateQueries({ queryKey: ['apps'] });
      void queries.invalidateQueries({ queryKey: ['session'] }); // with which apps one may send by hand
      queries.removeQueries({ queryKey: ['app', at.org, at.agent] });
      void (in_force
        ? message.success(t('uninstall.done', { name: app.name }))
        : message.warning(t('uninstall.later', { name: app.name }), 10));
    },
    onError: (e) => void message.error(refusalText(e)),
  });
  return (
    <>
      <Button danger className="only-desktop" onClick={() => setAsking(true)}>
        {t('uninstall')}
      </Button>
      <Modal
        open={asking}
        title={t('uninstall.sure', { name: app.name })}
        okText={t('uninstall.do')}
        cancelText={t('cancel')}
        okButtonProps={{ danger: true }}
        cancelButtonProps={{ autoFocus: true }}
        confirmLoading={remove.isPending}
        onOk={() => remove.mutate()}
        onCancel={() => setAsking(false)}
        closable={{ 'aria-label': t('close') }}
      >
        <ul className="effects">
          <li>{t('uninstall.send')}</li>
          <li>{t('uninstall.kept')}</li>
        </ul>
      </Modal>
    </>
  );
}
