// Values of the author's own for the parameters, to see the card with them. The
// browser keeps them; they are no part of the template.

import { Input, Segmented } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { t } from '../../../shared/words';
import { Labelled } from '../../form/labelled';
import { useDraftKey } from '../../shell/draftkey';
import { dropDraft, keepDraft, keptDraft } from '../../shell/drafts';
import { type Finding, findingText } from './findings';
import type { FormRequest } from './form';
import type { At } from './queries';

type Texts = Readonly<Record<string, string>>;

interface Kept {
  own: boolean;
  texts: Texts;
}

export interface Values extends Kept {
  change: (change: Partial<Kept>) => void;
  /** What the card is shown with; without own values the samples. */
  given: Texts | undefined;
}

const none: Kept = { own: false, texts: {} };

export function useValues(at: At): Values {
  const key = useDraftKey(`values ${at.agent} ${at.id}`);
  const [kept, setKept] = useState(none);
  useEffect(() => {
    keptDraft<Kept>(key).then(
      (found) => found && setKept(found.form),
      () => undefined, // a browser that keeps nothing begins with the samples
    );
  }, [key]);
  const change = (some: Partial<Kept>) => {
    const next = { ...kept, ...some };
    setKept(next);
    const empty = !next.own && Object.values(next.texts).every((text) => text === '');
    void (empty ? dropDraft(key) : keepDraft(key, next, 0)).catch(() => undefined);
  };
  return { ...kept, change, given: useMemo(() => givenOf(kept), [kept]) };
}

/** The values that say something. */
function givenOf({ own, texts }: Kept): Texts | undefined {
  const filled = Object.entries(texts).filter(([, text]) => text !== '');
  return own && filled.length > 0 ? Object.fromEntries(filled) : undefined;
}

const longest = 5000;

/** Samples or own values, and the fields of these. */
export function ValueChoice({ values }: { values: Values }) {
  return (
    <Segmented<'samples' | 'own'>
      size="small"
      name="values"
      aria-label={t('values')}
      value={values.own ? 'own' : 'samples'}
      onChange={(choice) => values.change({ own: choice === 'own' })}
      options={[
        { value: 'samples', label: t('values.samples') },
        { value: 'own', label: t('values.own') },
      ]}
    />
  );
}

export function ValueFields(props: { form: FormRequest; values: Values; findings: readonly Finding[] }) {
  const { values, findings } = props;
  const parameters = props.form.parameters ?? [];
  return (
    <section className="panel fields value-fields" aria-label={t('values.own')}>
      <p className="quiet">{t(parameters.length > 0 ? 'values.text' : 'parameters.none')}</p>
      {parameters.map(({ name, description, sample, max_length: most }) => {
        const value = values.texts[name] ?? '';
        const wrong = findings.find((f) => f.field === `values.${name}`);
        return (
          <Labelled
            key={name}
            label={description || name}
            value={value}
            most={most || longest}
            wrong={wrong && value !== '' ? findingText(wrong) : ''}
          >
            {(named) => (
              <Input.TextArea
                {...named}
                className="grows"
                rows={1}
                value={value}
                placeholder={sample ? t('values.sample', { sample }) : ''}
                onChange={(e) => values.change({ texts: { ...values.texts, [name]: e.target.value } })}
              />
            )}
          </Labelled>
        );
      })}
    </section>
  );
}
