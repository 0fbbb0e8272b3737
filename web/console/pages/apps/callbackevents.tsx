// Chooses what an app's program is told of, and by which names where it has two.

import { Checkbox, Radio } from 'antd';
import { t } from '../../../shared/words';
import { type CallbackForm, called, eventText, generations, namesOf } from './callbackform';
import type { EventNames } from './queries';

export function EventsFields(props: {
  form: CallbackForm;
  twoNames: readonly EventNames[];
  wrong: string;
  onChange: (changes: Partial<CallbackForm>) => void;
}) {
  const { form, twoNames, wrong, onChange } = props;
  return (
    <>
      <fieldset>
        <legend>{t('callback.events')}</legend>
        <Checkbox.Group
          value={[...form.events]}
          options={form.offered.map((value) => ({ value, label: <EventLabel event={value} /> }))}
          onChange={(events) => onChange({ events })}
        />
        <p className="field-wrong" role="alert">
          {form.events.length === 0 ? t('callback.events.none') : wrong}
        </p>
      </fieldset>
      {twoNames.length > 0 && (
        <fieldset>
          <legend>{t('callback.names')}</legend>
          <Radio.Group
            aria-label={t('callback.names')}
            value={namesOf(form, twoNames) ?? null}
            options={generations.map((value) => ({
              value,
              label: <code>{twoNames.map((names) => names[value]).join(', ')}</code>,
            }))}
            onChange={(e) => onChange(called(form, twoNames, e.target.value))}
          />
          <p className="quiet">{t('callback.names.text')}</p>
        </fieldset>
      )}
    </>
  );
}

function EventLabel({ event }: { event: string }) {
  return (
    <>
      {eventText(event)} <code className="quiet">{event}</code>
    </>
  );
}
