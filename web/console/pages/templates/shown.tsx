// A template that is not being written: what it says and how it looks.

import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { ThemeChoice } from '../../card/themechoice';
import type { Shown as ShownTheme } from '../../look/colors';
import { useShownTheme } from '../../look/look';
import { refusalText } from '../../shell/refusal';
import { useSession } from '../../shell/session';
import { OneCard } from '../reviews/cards';
import { fieldName, written } from './fields';
import { History } from './history';
import { More } from './more';
import { type At, type Template, test, withdraw } from './queries';
import { useRefreshed } from './refreshed';
import { Rejection } from './rejection';
import { TitleLine } from './titleline';
import { Unsaved } from './unsaved';

export function Shown(props: { at: At; template: Template; onBegin: () => void }) {
  const { at, template } = props;
  const { newest, may } = template;
  const [theme, setTheme] = useState<ShownTheme>(useShownTheme());
  return (
    <div className="editor">
      <TitleLine template={template} name={template.name || t('template.unnamed')}>
        <History at={at} template={template} />
        <SendIt at={at} template={template} />
        {may.write && <More at={at} template={template} edition={() => newest.edition} />}
        {may.write && <Steps {...props} />}
      </TitleLine>
      <div className="notices">
        <Rejection at={at} template={template} />
        {may.write && <Unsaved at={at} template={template} />}
      </div>
      <div className="editor-columns">
        <section className="panel" aria-label={t('shown.says')}>
          <dl className="changes">
            {(newest.form ? written(newest.form) : []).map(([path, text]) => (
              <div className="change" key={path}>
                <dt>{fieldName(path)}</dt>
                <dd className="whole">{text}</dd>
              </div>
            ))}
          </dl>
        </section>
        <div className="editor-right">
          <div className="panel-head">
            <h2>{t('preview')}</h2>
            <ThemeChoice theme={theme} onChange={setTheme} />
          </div>
          <OneCard at={{ ...at, n: newest.number }} theme={theme} label={`v${newest.number}`} />
        </div>
      </div>
    </div>
  );
}

/** Whoever may send it by hand gets there from here. */
function SendIt({ at, template }: { at: At; template: Template }) {
  const { me } = useSession();
  const may = me.compose_apps.some((app) => app.agent_id === at.agent && app.templates);
  return (
    may &&
    template.enabled &&
    template.live_version !== null && (
      <Link className="button" to="/compose" search={{ agent: at.agent, template: at.id }}>
        {t('page.compose')}
      </Link>
    )
  );
}

function Steps({ at, template, onBegin }: { at: At; template: Template; onBegin: () => void }) {
  const { newest } = template;
  const { message } = App.useApp();
  const refreshed = useRefreshed(at);
  const failed = (e: unknown) => void message.error(refusalText(e));
  const back = useMutation({ mutationFn: () => withdraw(at), onSuccess: refreshed, onError: failed });
  const trial = useMutation({
    mutationFn: () => test(at, newest.number),
    onSuccess: () => void message.success(t('test.sent')),
    onError: failed,
  });
  return (
    <>
      <Button loading={trial.isPending} onClick={() => trial.mutate()}>
        {t('test')}
      </Button>
      {newest.state === 'in_review' ? (
        <Button type="primary" loading={back.isPending} onClick={() => back.mutate()}>
          {t('withdraw')}
        </Button>
      ) : (
        <Button type="primary" onClick={onBegin}>
          {t('shown.edit', { n: newest.number + 1 })}
        </Button>
      )}
    </>
  );
}
