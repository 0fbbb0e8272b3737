// The parameters of a form, as they are found in its texts.

import { Button, Input, InputNumber, Select } from 'antd';
import { type ReactNode, useId } from 'react';
import { t } from '../../../shared/words';
import { Labelled } from '../../form/labelled';
import type { Finding } from './findings';
import { type FormRequest, limitsOf, type Parameter, parametersIn } from './form';
import { wrongAt } from './formfields';

interface Props {
  form: FormRequest;
  findings: readonly Finding[];
  update: (change: Partial<FormRequest>) => void;
  onBlur: () => void;
}

const most = limitsOf('markdown'); // parameters have the same in every kind

export function Parameters(props: Props) {
  const { form, update, onBlur } = props;
  const parameters = form.parameters ?? [];
  const used = new Set(parametersIn(form));
  const set = (name: string, change: Partial<Parameter>) =>
    update({ parameters: parameters.map((p) => (p.name === name ? { ...p, ...change } : p)) });
  return (
    <section className="panel fields" aria-label={t('field.parameters')}>
      <h2>{t('field.parameters')}</h2>
      {parameters.length === 0 && <p className="quiet">{t('parameters.none')}</p>}
      {parameters.map((p) => (
        <fieldset className="parameter" key={p.name}>
          <legend>
            <code className="text-chip">{p.name}</code>
            {!used.has(p.name) && (
              <Button
                size="small"
                type="link"
                onClick={() => update({ parameters: parameters.filter((x) => x.name !== p.name) })}
              >
                {t('parameters.drop')}
              </Button>
            )}
          </legend>
          <Said {...props} parameter={p} part="description" onChange={(description) => set(p.name, { description })} />
          <Said {...props} parameter={p} part="sample" onChange={(sample) => set(p.name, { sample })} />
          <Field text={t('parameter.longest')}>
            {(id) => (
              <InputNumber
                id={id}
                min={1}
                max={5000}
                precision={0}
                value={p.max_length || null}
                placeholder={t('hint.longest')}
                onChange={(n) => set(p.name, { max_length: n ?? 0 })}
                onBlur={onBlur}
              />
            )}
          </Field>
          <Field text={t('parameter.hosts')}>
            {(id) => (
              <Select
                id={id}
                mode="tags"
                open={false}
                suffixIcon={null}
                tokenSeparators={[',', ' ', '，', '、']}
                value={(p.hosts ?? []) as string[]}
                placeholder={t('hint.hosts')}
                onChange={(hosts: string[]) => set(p.name, { hosts })}
                onBlur={onBlur}
              />
            )}
          </Field>
        </fieldset>
      ))}
    </section>
  );
}

/** What its author says of a parameter. */
function Said(
  props: Props & { parameter: Parameter; part: 'description' | 'sample'; onChange: (text: string) => void },
) {
  const { parameter, part } = props;
  const value = parameter[part] ?? '';
  const wrong = wrongAt(props.findings, `parameters.${parameter.name}.${part}`, value);
  return (
    <Labelled label={t(`parameter.${part}`)} value={value} most={most[part]} wrong={wrong}>
      {(named) => (
        <Input
          {...named}
          {...(part === 'description' ? { 'data-parameter': parameter.name } : {})}
          value={value}
          placeholder={t(`hint.${part}`)}
          onChange={(e) => props.onChange(e.target.value)}
          onBlur={props.onBlur}
        />
      )}
    </Labelled>
  );
}

function Field(props: { text: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="parameter-field">
      <label htmlFor={id}>{props.text}</label>
      {props.children(id)}
    </div>
  );
}
