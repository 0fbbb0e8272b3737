// One part of an app's settings: it is read, and where one may, changed in place.

import { useBlocker } from '@tanstack/react-router';
import { Alert, Button, Modal } from 'antd';
import { type ReactNode, useId } from 'react';
import { t } from '../../../shared/words';
import { KeptNotice } from '../../form/keptnotice';
import { useSaveKey } from '../../form/savekey';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { leavesToSignIn } from '../../shell/session';
import type { Editing } from './editing';
import { settingRefusal } from './wrong';

/** What a form says, field by field. */
export type Rows = readonly { label: string; text: string }[];

interface Props<F> {
  title: string;
  text?: string;
  /** Null where one may not change it. */
  editing: Editing<F> | null;
  rows: (form: F) => Rows;
  /** The form while it is written. */
  fields: (form: F, update: (form: F) => void) => ReactNode;
  /** What is stored. */
  children: ReactNode;
}

export function PartPanel<F>(props: Props<F>) {
  const { title, text, editing } = props;
  const label = useId();
  const form = editing?.form ?? null;
  return (
    <section className="panel app-part" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{title}</h2>
        {editing && form === null && (
          <Button className="only-desktop" aria-describedby={label} onClick={editing.begin}>
            {t('app.change')}
          </Button>
        )}
      </div>
      {text && <p className="panel-text">{text}</p>}
      {editing?.kept && (
        <KeptNotice
          at={editing.kept.at}
          className="app-kept only-desktop"
          onForget={editing.forget}
          onRestore={editing.restore}
        />
      )}
      {editing && form !== null ? <Form {...props} editing={editing} form={form} /> : props.children}
    </section>
  );
}

function Form<F>({ editing, form, rows, fields }: Props<F> & { editing: Editing<F>; form: F }) {
  const ready = editing.isChanged && editing.theirs === null;
  useSaveKey(editing.save);
  useSubmitKey(() => ready && !editing.isSaving && editing.save());
  return (
    <>
      {editing.theirs !== null && <Overtaken editing={editing} mine={rows(form)} theirs={rows(editing.theirs)} />}
      {fields(form, editing.update)}
      {editing.error && (
        <p className="field-wrong app-part-wrong" role="alert">
          {settingRefusal(editing.error)}
        </p>
      )}
      <div className="app-part-foot">
        <Button onClick={editing.cancel}>{t('cancel')}</Button>
        <Button
          type="primary"
          aria-keyshortcuts={`${submitShortcut} Meta+S Control+S`}
          disabled={!ready}
          loading={editing.isSaving}
          onClick={editing.save}
        >
          {t('app.save')}
        </Button>
      </div>
      <Leaving isChanged={editing.isChanged} />
    </>
  );
}

/** Mine beside theirs. */
function Overtaken<F>(props: { editing: Editing<F>; mine: Rows; theirs: Rows }) {
  const { editing, mine, theirs } = props;
  const others = mine.flatMap(({ label, text }, n) => {
    const their = theirs[n]?.text ?? '';
    return their === text ? [] : [{ label, text, their }];
  });
  return (
    <div className="app-overtaken">
      <Alert
        type="warning"
        showIcon
        role="alert"
        title={t('refused.app_changed')}
        description={t('app.overtaken')}
        action={
          <>
            <Button size="small" onClick={editing.takeTheirs}>
              {t('conflict.theirs')}
            </Button>
            <Button size="small" type="primary" loading={editing.isSaving} onClick={editing.keepMine}>
              {t('conflict.mine')}
            </Button>
          </>
        }
      />
      <table className="app-beside">
        <thead>
          <tr>
            <td />
            <th scope="col">{t('app.mine')}</th>
            <th scope="col">{t('app.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {others.map(({ label, text, their }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>{text}</td>
              <td>{their}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Asks before one goes elsewhere with something that is not saved. */
function Leaving({ isChanged }: { isChanged: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged,
    enableBeforeUnload: () => isChanged && !leavesToSignIn(), // which is offered again then
    withResolver: true,
  });
  return (
    <Modal
      open={blocker.status === 'blocked'}
      title={t('app.leaving')}
      okText={t('app.leave')}
      cancelText={t('app.stay')}
      cancelButtonProps={{ autoFocus: true }}
      onOk={() => blocker.proceed?.()}
      onCancel={() => blocker.reset?.()}
      closable={{ 'aria-label': t('close') }}
    >
      <p>{t('app.leaving.text')}</p>
    </Modal>
  );
}
