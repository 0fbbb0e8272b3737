// Switches an app off and on. Off says first what that does.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App as Antd, Button, Modal } from 'antd';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { refusalText } from '../../shell/refusal';
import { number } from '../notifications/model';
import { type App, type At, switchApp } from './queries';
import { useStored } from './stored';

export function Switch({ at, app }: { at: At; app: App }) {
  const [asking, setAsking] = useState(false);
  const { message } = Antd.useApp();
  const stored = useStored(at);
  const queries = useQueryClient();
  const turn = useMutation({
    mutationFn: (on: boolean) => switchApp(at, on),
    onSuccess: (now, on) => {
      stored(now);
      void queries.invalidateQueries({ queryKey: ['session'] }); // with which apps one may send by hand
      setAsking(false);
      message.success(t(on ? 'app.on.done' : 'app.off.done', { name: app.name }));
    },
    onError: (e) => void message.error(refusalText(e)),
  });
  if (!app.enabled) {
    return (
      <Button type="primary" loading={turn.isPending} onClick={() => turn.mutate(true)}>
        {t('app.enable')}
      </Button>
    );
  }
  const people = app.installation?.range.people ?? 0;
  return (
    <>
      <Button danger onClick={() => setAsking(true)}>
        {t('app.disable')}
      </Button>
      <Modal
        open={asking}
        title={t('app.disable.sure', { name: app.name })}
        okText={t('app.disable.do')}
        cancelText={t('cancel')}
        okButtonProps={{ danger: true }}
        cancelButtonProps={{ autoFocus: true }}
        confirmLoading={turn.isPending}
        onOk={() => turn.mutate(false)}
        onCancel={() => setAsking(false)}
        closable={{ 'aria-label': t('close') }}
      >
        <ul className="effects">
          <li>{t('app.disable.send', { count: people, text: number(people) })}</li>
          <li>{t('app.disable.tokens')}</li>
          <li>{t('app.disable.kept')}</li>
        </ul>
      </Modal>
    </>
  );
}
