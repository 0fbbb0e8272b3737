// The line above the editor: what it is, how far it is saved, and what can be
// done with it.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { clock } from '../../../shared/words/time';
import { submitShortcut, useSubmitKey } from '../../form/submitkey';
import { refusalText } from '../../shell/refusal';
import { FactList } from '../reviews/facts';
import { factsQuery } from '../reviews/queries';
import { useOther } from './conflict';
import { type Finding, Findings } from './findings';
import { History } from './history';
import { More } from './more';
import { type At, submit, type Template, templateQuery, test } from './queries';
import { useRefreshed } from './refreshed';
import type { Saving } from './saver';
import { TitleLine } from './titleline';
import type { Writing } from './writing';

interface Props {
  at: At;
  template: Template;
  writing: Writing;
  findings: readonly Finding[];
}

export function EditorBar(props: Props) {
  const { at, template, writing } = props;
  const [asking, setAsking] = useState(false);
  const { message } = App.useApp();
  const queries = useQueryClient();
  const trial = useMutation({
    mutationFn: async () => {
      if (!(await writing.flush())) {
        return null;
      }
      const stored = queries.getQueryData(templateQuery(at).queryKey) ?? template; // saving may have begun a version
      return test(at, stored.newest.number);
    },
    onSuccess: (sent) => void (sent && message.success(t('test.sent'))),
    onError: (e) => void message.error(refusalText(e)),
  });
  // What is not a draft becomes one when the first change is saved, which both steps do.
  const nothing = template.newest.state !== 'draft' && writing.saving.kind === 'saved';
  const ask = () => void (!nothing && writing.flush().then((ok) => ok && setAsking(true)));
  useSubmitKey(ask);
  return (
    <TitleLine template={template} name={writing.form.name || t('template.unnamed')}>
      <SavedText template={template} saving={writing.saving} />
      <History at={at} template={template} />
      <More at={at} template={template} edition={writing.edition} />
      <Button disabled={nothing} loading={trial.isPending} onClick={() => trial.mutate()}>
        {t('test')}
      </Button>
      <Button type="primary" aria-keyshortcuts={submitShortcut} disabled={nothing} onClick={ask}>
        {t('submit')}
      </Button>
      {asking && <Submit {...props} onClose={() => setAsking(false)} />}
    </TitleLine>
  );
}

function SavedText({ template, saving }: { template: Template; saving: Saving }) {
  const { who, at } = useOther(template);
  const text = {
    saved: saving.kind === 'saved' && saving.at ? t('saving.saved', { at: clock(saving.at) }) : t('saving.unchanged'),
    changed: t('saving.changed'),
    saving: t('saving.now'),
    failed: t('saving.failed'),
    conflict: who === null ? t('saving.conflictOwn', { at }) : t('saving.conflict', { who, at }),
  }[saving.kind];
  return (
    <span className="saved" role="status" data-kind={saving.kind}>
      {text}
    </span>
  );
}

/** Submits, with what is found and where links lead, as the reviewer will see it. */
function Submit(props: Props & { onClose: () => void }) {
  const { at, template, writing, findings, onClose } = props;
  const refreshed = useRefreshed(at);
  const { message } = App.useApp();
  const facts = useQuery({ ...factsQuery({ ...at, n: template.newest.number }), staleTime: 0, gcTime: 0 });
  const errors = findings.some((f) => f.severity === 'error');
  const send = useMutation({
    mutationFn: () => submit(at, writing.edition()),
    onSuccess: (stored) => {
      message.success(t('submit.done'));
      refreshed(stored);
      onClose();
    },
  });
  const go = () => !errors && !send.isPending && send.mutate();
  useSubmitKey(go, { inDialog: true });
  return (
    <Modal
      open
      title={t('submit.title')}
      okText={t('submit')}
      cancelText={t('cancel')}
      okButtonProps={{ disabled: errors, 'aria-keyshortcuts': submitShortcut }}
      confirmLoading={send.isPending}
      onOk={go}
      onCancel={onClose}
      closable={{ 'aria-label': t('close') }}
    >
      <p className="quiet">{errors ? t('submit.errors') : t('submit.text')}</p>
      {facts.data && <FactList facts={facts.data} />}
      {findings.length > 0 && <Findings findings={findings} />}
      {send.isError && <p role="alert">{refusalText(send.error)}</p>}
    </Modal>
  );
}
