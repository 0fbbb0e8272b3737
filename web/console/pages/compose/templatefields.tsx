// A template, and a value for each of its parameters.

import { Input, Select } from 'antd';
import { useId } from 'react';
import { Refused } from '../../../shared/api/client';
import { t } from '../../../shared/words';
import { Labelled } from '../../form/labelled';
import { refusalText } from '../../shell/refusal';
import { Failed, Loading } from '../../shell/states';
import type { Composing } from './composing';
import type { DryRun } from './dryrun';
import type { Sendable } from './queries';

type Parameter = Sendable['parameters'][number];

interface Props {
  composing: Composing;
  run: DryRun;
  refused: unknown;
}

export function TemplateFields({ composing, run, refused }: Props) {
  const { draft, update } = composing;
  const { sendable, template } = run;
  const id = useId();
  if (sendable.isPending) {
    return <Loading />;
  }
  if (sendable.isError && !sendable.data) {
    return <Failed error={sendable.error} onRetry={() => void sendable.refetch()} />;
  }
  const items = sendable.data?.items ?? [];
  const gone = draft.template !== null && !template;
  return (
    <>
      <div className="field">
        <div className="field-head">
          <label htmlFor={id}>{t('tasks.template')}</label>
        </div>
        <Select
          id={id}
          value={template?.template_id ?? null}
          placeholder={t('compose.chooseTemplate')}
          options={items.map((one) => ({
            value: one.template_id,
            label: t('task.template', { name: one.name, n: one.version }),
          }))}
          showSearch={items.length > 8 ? { optionFilterProp: 'label' } : false}
          notFoundContent={t('compose.noTemplates')}
          onChange={(chosen) => update({ template: { id: chosen, version: 0 } })}
        />
        {items.length === 0 && <p className="quiet">{t('compose.noTemplates')}</p>}
        {gone && (
          <p className="field-wrong" role="alert">
            {t('compose.goneTemplate')}
          </p>
        )}
      </div>
      {template?.parameters.map((parameter) => (
        <Value
          key={parameter.name}
          parameter={parameter}
          value={draft.values[parameter.name] ?? ''}
          wrong={wrongWith(parameter.name, refused)}
          onChange={(text) => update({ values: { ...draft.values, [parameter.name]: text } })}
        />
      ))}
      {refused !== null && !template?.parameters.some((p) => wrongWith(p.name, refused)) && (
        <p className="field-wrong" role="alert">
          {refusalText(refused)}
        </p>
      )}
    </>
  );
}

const longest = 5000;

function Value(props: { parameter: Parameter; value: string; wrong: string; onChange: (text: string) => void }) {
  const { name, description, sample, max_length: most, hosts } = props.parameter;
  return (
    <div className="compose-value">
      <Labelled label={description || name} value={props.value} most={most || longest} wrong={props.wrong}>
        {(named) => (
          <Input.TextArea
            {...named}
            className="compose-grows"
            rows={1}
            value={props.value}
            placeholder={sample && t('compose.sample', { sample })}
            onChange={(e) => props.onChange(e.target.value)}
          />
        )}
      </Labelled>
      {hosts && hosts.length > 0 && (
        <p className="quiet">{t('compose.hosts', { hosts: hosts.join(t('audience.and')) })}</p>
      )}
    </div>
  );
}

/** What a refusal says of a parameter: it names the field template.values.NAME, or values.NAME. */
function wrongWith(name: string, refused: unknown): string {
  const field = refused instanceof Refused ? (refused.problem?.field ?? '') : '';
  return field.split('.').at(-1) === name ? refusalText(refused) : '';
}
