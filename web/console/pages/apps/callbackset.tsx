// Sets where an app's program is told of events. The address has to answer before it is
// stored, so the token and the key go into the program first.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App as Antd, Button, Checkbox, Input, Modal } from 'antd';
import { Copy } from 'lucide-react';
import { Refused } from '../../../shared/api/client';
import { has, t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import { Labelled } from '../../form/labelled';
import { refusalText } from '../../shell/refusal';
import { useSession } from '../../shell/session';
import { useCopy } from '../notifications/copy';
import { EventsFields } from './callbackevents';
import {
  type CallbackForm,
  formOf,
  isReady,
  isWrongKey,
  isWrongToken,
  randomSecrets,
  requestOf,
  withoutSecrets,
} from './callbackform';
import { type App, type At, callbackQuery, type EventCallback, type EventNames, saveCallback } from './queries';

interface Props {
  at: At;
  app: App;
  is: EventCallback | null;
  available: readonly string[];
  twoNames: readonly EventNames[];
  onClose: () => void;
}

export function CallbackDialog({ at, app, is, available, twoNames, onClose }: Props) {
  const kept = useKeptForm(`callback ${at.agent}`, formOf(is, available), { keeps: withoutSecrets });
  const { form } = kept;
  const { message } = Antd.useApp();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveCallback(at, requestOf(form, is)),
    onSuccess: (stored) => {
      queries.setQueryData(callbackQuery(at).queryKey, stored);
      void message.success(t('callback.saved'));
      close();
    },
  });
  const update = (changes: Partial<CallbackForm>) => {
    kept.update({ ...form, ...changes });
    save.reset();
  };
  const close = () => {
    kept.drop();
    onClose();
  };
  const wrong = refusedField(save.error);
  return (
    <Modal
      open
      title={t('callback.title')}
      okText={t('callback.save')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: !isReady(form, is) }}
      confirmLoading={save.isPending}
      onOk={() => save.mutate()}
      onCancel={close}
      mask={{ closable: false }}
      closable={{ 'aria-label': t('close') }}
    >
      <form
        className="callback-form"
        onSubmit={(e) => {
          e.preventDefault();
          if (isReady(form, is) && !save.isPending) {
            save.mutate();
          }
        }}
      >
        <FoundNotice at={kept.foundAt} onForget={kept.drop} />
        <Labelled label={t('callback.url')} value={form.url} wrong={wrong('url')}>
          {(named) => (
            <Input
              {...named}
              autoFocus
              inputMode="url"
              spellCheck={false}
              autoComplete="off"
              placeholder={is?.has_query ? t('callback.url.stays') : 'https://example.com/events'}
              value={form.url}
              onChange={(e) => update({ url: e.target.value })}
            />
          )}
        </Labelled>
        <EventsFields form={form} twoNames={twoNames} wrong={wrong('events')} onChange={update} />
        {is !== null && (
          <Checkbox checked={form.renews} onChange={(e) => update({ renews: e.target.checked, token: '', key: '' })}>
            {t('callback.renew')}
          </Checkbox>
        )}
        {form.renews && <Secrets app={app} is={is} form={form} wrong={wrong} onChange={update} />}
        {save.error && (
          <p className="field-wrong" role="alert">
            {isOfField(save.error) ? '' : wrong('scopes') || refusalText(save.error)}
          </p>
        )}
        <button type="submit" hidden />
      </form>
    </Modal>
  );
}

function Secrets(props: {
  app: App;
  is: EventCallback | null;
  form: CallbackForm;
  wrong: (field: string) => string;
  onChange: (changes: Partial<CallbackForm>) => void;
}) {
  const { app, is, form, wrong, onChange } = props;
  const { current } = useSession();
  const id = is?.key_id === 'corp_id' ? current.corp_id : app.app_key;
  return (
    <>
      <div className="callback-secrets-head">
        <p className="quiet">{t(app.kind === 'third_party' ? 'callback.secrets.suite' : 'callback.secrets', { id })}</p>
        <Button onClick={() => onChange(randomSecrets())}>{t('callback.generate')}</Button>
      </div>
      <Secret
        label={t('callback.token')}
        value={form.token}
        wrong={isWrongToken(form.token) ? t('callback.wrong.token') : wrong('token')}
        onChange={(token) => onChange({ token })}
      />
      <Secret
        label={t('callback.key')}
        value={form.key}
        wrong={isWrongKey(form.key) ? t('callback.wrong.aes_key') : wrong('aes_key')}
        onChange={(key) => onChange({ key })}
      />
    </>
  );
}

function Secret(props: { label: string; value: string; wrong: string; onChange: (value: string) => void }) {
  const { label, value, wrong, onChange } = props;
  const copy = useCopy();
  return (
    <Labelled label={label} value={value} wrong={wrong}>
      {(named) => (
        <div className="callback-secret">
          <Input
            {...named}
            spellCheck={false}
            autoComplete="off"
            value={value}
            onChange={(e) => onChange(e.target.value.trim())}
          />
          <Button
            icon={<Copy size={14} aria-hidden="true" />}
            aria-label={t('app.copy', { name: label })}
            disabled={value === ''}
            onClick={() => copy(value)}
          />
        </div>
      )}
    </Labelled>
  );
}

const fields = ['url', 'events', 'token', 'aes_key'];

function isOfField(error: unknown): boolean {
  return error instanceof Refused && fields.includes(error.problem?.field ?? '');
}

/** What a refusal says of a field. */
function refusedField(error: unknown): (field: string) => string {
  return (field) => {
    if (!(error instanceof Refused) || error.problem?.field !== field) {
      return '';
    }
    const id = `callback.wrong.${error.code.startsWith('callback_') ? error.code : field}`;
    return has(id) ? t(id) : refusalText(error);
  };
}
