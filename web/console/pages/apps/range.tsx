// Whom an app may reach, what it may do, and who sends with it by hand.

import { Checkbox, Radio, Switch } from 'antd';
import { Check, Minus } from 'lucide-react';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { PickChips } from '../../people/pickchips';
import { Picker } from '../../people/picker';
import { isEmpty, minus, nothingPicked, type Picks, plus } from '../../people/picks';
import { number } from '../notifications/model';
import { type Editing, useAppEditing } from './editing';
import { composerPicks, picksText, scopesInOrder } from './model';
import { PartPanel } from './part';
import { composersPart, type GrantsForm, grantsPart, type RangeForm, rangePart } from './parts';
import type { App, At, Installation } from './queries';

interface Props {
  at: At;
  app: App;
  installation: Installation;
}

export function RangeTab(props: Props) {
  return (
    <div className="app-parts">
      <Range {...props} />
      <Grants {...props} />
      <Composers {...props} />
    </div>
  );
}

function mayEdit<F>(app: App, editing: Editing<F>): Editing<F> | null {
  return app.may.manage ? editing : null;
}

function Range({ at, app, installation }: Props) {
  const editing = useAppEditing(at, app, rangePart);
  const { everyone, people } = installation.range;
  const { picks } = rangePart.of(app);
  return (
    <PartPanel
      title={t('app.range')}
      text={t('app.range.text')}
      editing={mayEdit(app, editing)}
      rows={({ everyone: all, picks: some }) => [
        { label: t('app.range'), text: all ? t('audience.everyone') : picksText(some) },
      ]}
      fields={(form, update) => <RangeFields form={form} onChange={update} />}
    >
      <div className="app-part-body">
        <p className="app-count">
          <strong>{number(people)}</strong> {t('app.range.people', { count: people })}
          {everyone && ` · ${t('audience.everyone')}`}
        </p>
        {!everyone && !isEmpty(picks) && <PickChips label={t('app.range')} picks={picks} />}
        {!everyone && isEmpty(picks) && <p>{t('app.range.nobody')}</p>}
      </div>
    </PartPanel>
  );
}

function RangeFields({ form, onChange }: { form: RangeForm; onChange: (form: RangeForm) => void }) {
  return (
    <>
      <div className="app-choice">
        <Radio.Group
          aria-label={t('app.range')}
          value={form.everyone}
          options={[
            { value: true, label: t('app.range.everyone') },
            { value: false, label: t('app.range.some') },
          ]}
          onChange={(e) => onChange({ ...form, everyone: e.target.value })}
        />
      </div>
      {!form.everyone && (
        <PicksFields
          label={t('app.range')}
          none={t('app.range.nobody')}
          picks={form.picks}
          onChange={(picks) => onChange({ ...form, picks })}
        />
      )}
    </>
  );
}

function PicksFields(props: { label: string; none: string; picks: Picks; onChange: (picks: Picks) => void }) {
  const { label, none, picks, onChange } = props;
  return (
    <>
      <div className="app-picked">
        {isEmpty(picks) ? (
          <p className="quiet">{none}</p>
        ) : (
          <PickChips
            label={label}
            picks={picks}
            onRemove={(fewer) => onChange(minus(picks, fewer))}
            onClear={() => onChange(nothingPicked)}
          />
        )}
      </div>
      <Picker
        picks={picks}
        onAdd={(more) => onChange(plus(picks, more))}
        onRemove={(fewer) => onChange(minus(picks, fewer))}
      />
    </>
  );
}

function Grants({ at, app, installation }: Props) {
  const editing = useAppEditing(at, app, grantsPart);
  const scopes = scopesInOrder(installation.scopes);
  const inWords = ({ scopes: granted, sendToEveryone, directSend }: GrantsForm) => [
    ...scopes.map((scope) => ({ label: t(`scope.${scope}`), is: granted.includes(scope) })),
    { label: t('grant.everyone'), is: sendToEveryone },
    { label: t('grant.direct'), is: directSend },
  ];
  return (
    <PartPanel
      title={t('app.grants')}
      text={t('app.grants.text')}
      editing={mayEdit(app, editing)}
      rows={(form) => inWords(form).map(({ label, is }) => ({ label, text: is ? t('grant.yes') : t('grant.no') }))}
      fields={(form, update) => <GrantsFields app={app} scopes={scopes} form={form} onChange={update} />}
    >
      <ul className="grants app-part-body">
        {inWords(grantsPart.of(app)).map(({ label, is }) => (
          <li key={label} data-is={is}>
            {is ? <Check size={16} aria-hidden="true" /> : <Minus size={16} aria-hidden="true" />}
            <span>{label}</span>
            <span className="quiet">{is ? t('grant.yes') : t('grant.no')}</span>
          </li>
        ))}
      </ul>
    </PartPanel>
  );
}

function GrantsFields(props: {
  app: App;
  scopes: readonly string[];
  form: GrantsForm;
  onChange: (form: GrantsForm) => void;
}) {
  const { app, form, onChange } = props;
  const isOwn = app.kind === 'internal';
  return (
    <div className="fields app-grants">
      <fieldset>
        <legend>{t('app.scopes')}</legend>
        <Checkbox.Group
          value={[...form.scopes]}
          options={props.scopes.map((value) => ({ value, label: t(`scope.${value}`) }))}
          onChange={(scopes) => onChange({ ...form, scopes })}
        />
      </fieldset>
      <Toggle
        label={t('grant.everyone')}
        text={isOwn ? t('grant.everyone.text') : t('grant.everyone.never')}
        isFixed={!isOwn}
        checked={form.sendToEveryone}
        onChange={(sendToEveryone) => onChange({ ...form, sendToEveryone })}
      />
      <Toggle
        label={t('grant.direct')}
        text={isOwn ? t('grant.direct.always') : t('grant.direct.text')}
        isFixed={isOwn}
        checked={form.directSend}
        onChange={(directSend) => onChange({ ...form, directSend })}
      />
    </div>
  );
}

function Toggle(props: {
  label: string;
  text: string;
  isFixed: boolean;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="toggle">
      <div>
        <label htmlFor={id}>{props.label}</label>
        <p className="quiet" id={`${id}-text`}>
          {props.text}
        </p>
      </div>
      <Switch
        id={id}
        aria-describedby={`${id}-text`}
        disabled={props.isFixed}
        checked={props.checked}
        onChange={props.onChange}
      />
    </div>
  );
}

function Composers({ at, app, installation }: Props) {
  const editing = useAppEditing(at, app, composersPart);
  const picks = composerPicks(installation);
  return (
    <PartPanel
      title={t('app.composers')}
      text={t('app.composers.text')}
      editing={mayEdit(app, editing)}
      rows={(form) => [{ label: t('app.composers'), text: picksText(form) }]}
      fields={(form, update) => (
        <PicksFields label={t('app.composers')} none={t('app.composers.nobody')} picks={form} onChange={update} />
      )}
    >
      <div className="app-part-body">
        {isEmpty(picks) ? <p>{t('app.composers.nobody')}</p> : <PickChips label={t('app.composers')} picks={picks} />}
      </div>
    </PartPanel>
  );
}
