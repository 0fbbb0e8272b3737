// The parameters of a form, as they are found in its texts.

import { Button, Input, InputNumber, Select } from 'antd';
import { type ReactNode, useId } from 'react';
import { t } from '../../../shared/words';
import { type FormRequest, type Parameter, parametersIn } from './form';

export function Parameters(props: {
  form: FormRequest;
  update: (change: Partial<FormRequest>) => void;
  onBlur: () => void;
}) {
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
          <Labelled text={t('parameter.description')}>
            {(id) => (
              <Input
                id={id}
                data-parameter={p.name}
                value={p.description ?? ''}
                placeholder={t('hint.description')}
                onChange={(e) => set(p.name, { description: e.target.value })}
                onBlur={onBlur}
              />
            )}
          </Labelled>
          <Labelled text={t('parameter.sample')}>
            {(id) => (
              <Input
                id={id}
                value={p.sample ?? ''}
                placeholder={t('hint.sample')}
                onChange={(e) => set(p.name, { sample: e.target.value })}
                onBlur={onBlur}
              />
            )}
          </Labelled>
          <Labelled text={t('parameter.longest')}>
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
          </Labelled>
          <Labelled text={t('parameter.hosts')}>
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
          </Labelled>
        </fieldset>
      ))}
    </section>
  );
}

function Labelled(props: { text: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="parameter-field">
      <label htmlFor={id}>{props.text}</label>
      {props.children(id)}
    </div>
  );
}
