// A new template: of an app, of a kind or from a sample.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Modal, Radio, Select } from 'antd';
import { useId, useState } from 'react';
import { t, useLanguage } from '../../../shared/words';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { addressOf, appOptions, appSearch, type InstalledApp } from '../../shell/apps';
import { refusalText } from '../../shell/refusal';
import { useOrg } from '../../shell/session';
import { emptyForm, type FormRequest, kinds } from './form';
import { create } from './queries';
import { samples } from './samples';

export function NewTemplate(props: { apps: readonly InstalledApp[]; onClose: () => void }) {
  const org = useOrg();
  const field = useId();
  const language = useLanguage();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [app, setApp] = useState(props.apps[0] ? addressOf(props.apps[0]) : '');
  const [start, setStart] = useState<string>('markdown');
  const make = useMutation({
    mutationFn: (form: FormRequest) => create(org, app, form),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['templates'] });
      void navigate({ to: '/templates/$agent/$id', params: { agent: app, id: made.template_id } });
    },
  });
  const choices = [
    ...kinds.map((kind) => ({ value: kind as string, form: () => emptyForm(kind), name: t(`new.${kind}`) })),
    ...samples[language].map((form) => ({ value: form.name ?? '', form: () => form, name: form.name ?? '' })),
  ];
  const form = choices.find((c) => c.value === start)?.form;
  const go = () => form && !make.isPending && make.mutate(form());
  useSubmitKey(go, { inDialog: true });
  return (
    <Modal
      open
      title={t('template.new')}
      okText={t('new.begin')}
      cancelText={t('cancel')}
      okButtonProps={{ 'aria-keyshortcuts': submitShortcut }}
      confirmLoading={make.isPending}
      onOk={go}
      onCancel={props.onClose}
      closable={{ 'aria-label': t('close') }}
    >
      <div className="new-template">
        <div>
          <label htmlFor={field}>{t('app')}</label>
          <Select
            id={field}
            value={app}
            onChange={setApp}
            options={appOptions(props.apps)}
            showSearch={appSearch(props.apps)}
          />
        </div>
        <Choice title={t('new.empty')} choices={choices.slice(0, kinds.length)} chosen={start} onChoose={setStart} />
        <Choice title={t('new.sample')} choices={choices.slice(kinds.length)} chosen={start} onChoose={setStart} />
        {make.isError && <p role="alert">{refusalText(make.error)}</p>}
      </div>
    </Modal>
  );
}

function Choice(props: {
  title: string;
  choices: readonly { value: string; name: string }[];
  chosen: string;
  onChoose: (value: string) => void;
}) {
  return (
    <fieldset>
      <legend>{props.title}</legend>
      <Radio.Group
        name="start"
        value={props.chosen}
        options={props.choices.map(({ value, name }) => ({ value, label: name }))}
        onChange={(e) => props.onChoose(e.target.value)}
      />
    </fieldset>
  );
}
