// Who the organization is, and who its owner is.

import { type FormEvent, type ReactNode, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Refused } from '../shared/api/client';
import { t } from '../shared/words';
import { type Answers, dropToken, type Standing, setUp, standingOf, timeZones } from './link';

type Field = keyof Answers;

const fields: readonly Field[] = ['organization', 'name', 'userid', 'time_zone'];
const most = { organization: 64, name: 80, userid: 64 } as const;

/** What is wrong with an answer: it is empty, or the server refuses it. */
type Wrong = Partial<Record<Field, 'empty' | 'refused' | undefined>>;

type Failure = '' | 'unreachable' | 'throttled';

export function Form(props: { token: string; onStanding: (at: Standing) => void }) {
  const zones = useMemo(timeZones, []);
  const [answers, setAnswers] = useState<Answers>({ organization: '', name: '', userid: '', time_zone: zones.own });
  const [wrong, setWrong] = useState<Wrong>({});
  const [failure, setFailure] = useState<Failure>('');
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => title.current?.focus(), []); // read aloud

  const say = (field: Field, value: string) => {
    setAnswers({ ...answers, [field]: value });
    setWrong({ ...wrong, [field]: undefined });
  };
  const show = (found: Wrong) => {
    setWrong(found);
    const first = fields.find((field) => found[field]);
    if (first) {
      (form.current?.elements.namedItem(first) as HTMLElement | null)?.focus();
    }
  };
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setFailure('');
    const empty = fields.filter((field) => answers[field].trim() === '');
    show(Object.fromEntries(empty.map((field) => [field, 'empty'])));
    if (isBusy || empty.length > 0) {
      return;
    }
    setBusy(true);
    try {
      await setUp(props.token, { ...answers, userid: answers.userid.trim() });
      dropToken();
      location.replace('/console');
      return; // busy until the page is gone
    } catch (refusal) {
      const field = refusedField(refusal);
      if (field) {
        show({ [field]: 'refused' });
      } else {
        refused(refusal);
      }
    }
    setBusy(false);
  };
  const refused = (e: unknown) => {
    try {
      props.onStanding(standingOf(e));
    } catch {
      setFailure(e instanceof Refused && e.status === 429 ? 'throttled' : 'unreachable');
    }
  };
  const text = (field: Exclude<Field, 'time_zone'>, more?: object) => (
    <Labelled field={field} wrong={wrong[field]}>
      {(attributes) => (
        <input
          {...attributes}
          type="text"
          autoComplete="off"
          maxLength={most[field]}
          value={answers[field]}
          onInput={(e) => say(field, e.currentTarget.value)}
          {...more}
        />
      )}
    </Labelled>
  );

  return (
    <main className="setup">
      <form className="setup-form" ref={form} onSubmit={(e) => void submit(e)} noValidate>
        <h1 tabIndex={-1} ref={title}>
          {t('form.title')}
        </h1>
        <p className="setup-lead">{t('form.text')}</p>
        {text('organization', { autoComplete: 'organization' })}
        {text('name', { autoComplete: 'name' })}
        {text('userid', { autoCapitalize: 'none', spellCheck: false })}
        <Labelled field="time_zone" wrong={wrong.time_zone}>
          {(attributes) => (
            <select {...attributes} value={answers.time_zone} onChange={(e) => say('time_zone', e.currentTarget.value)}>
              {zones.all.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Labelled>
        <button type="submit" className="button primary" aria-disabled={isBusy}>
          {isBusy ? t('form.busy') : t('form.do')}
        </button>
        {failure !== '' && (
          <p className="setup-wrong" role="alert">
            {t(`failed.${failure}.title`)} {t(`failed.${failure}.text`)}
          </p>
        )}
        <p className="setup-hint">{t('form.password')}</p>
        <p className="setup-hint">
          <code>tidings admin sign-in-link {answers.userid.trim() || 'USERID'}</code>
        </p>
      </form>
    </main>
  );
}

/** The field that the server refuses, if it is one of ours. */
function refusedField(e: unknown): Field | undefined {
  return e instanceof Refused && e.status === 400 ? fields.find((field) => field === e.problem?.field) : undefined;
}

interface Attributes {
  id: string;
  name: string;
  'aria-invalid': boolean;
  'aria-describedby': string;
  required: boolean;
}

function Labelled(props: { field: Field; wrong: Wrong[Field]; children: (attributes: Attributes) => ReactNode }) {
  const { field, wrong } = props;
  const id = useId();
  return (
    <div className="setup-field">
      <label htmlFor={id}>{t(`field.${field}`)}</label>
      {props.children({
        id,
        name: field,
        'aria-invalid': wrong !== undefined,
        'aria-describedby': wrong === undefined ? `${id}-hint` : `${id}-wrong ${id}-hint`,
        required: true,
      })}
      {wrong !== undefined && (
        <p className="setup-wrong" id={`${id}-wrong`} role="alert">
          {wrong === 'empty' ? t('wrong.empty') : t(`wrong.${field}`)}
        </p>
      )}
      <p className="setup-hint" id={`${id}-hint`}>
        {t(`hint.${field}`)}
      </p>
    </div>
  );
}
