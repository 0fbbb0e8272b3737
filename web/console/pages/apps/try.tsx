// The first send: a request to this server that can be copied, and the same
// sent from here, to oneself.

import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Segmented } from 'antd';
import { Copy, Play } from 'lucide-react';
import { useId, useState } from 'react';
import { t } from '../../../shared/words';
import { FoundNotice } from '../../form/foundnotice';
import { useKeptForm } from '../../form/keptform';
import { Labelled } from '../../form/labelled';
import { refusalText } from '../../shell/refusal';
import { useOrg, useSession } from '../../shell/session';
import { useCopy } from '../notifications/copy';
import { type App, sendTextToMe } from './queries';
import { type Language, languages, snippet } from './snippets';

const most = 500;

export function TryTab({ app }: { app: App }) {
  const { me } = useSession();
  const label = useId();
  const [language, setLanguage] = useState<Language>('curl');
  const {
    form: content,
    update,
    foundAt,
    drop,
  } = useKeptForm(`try ${app.agent_id}`, t('try.content', { name: app.name }));
  const copy = useCopy();
  const code = snippet(language, {
    host: location.origin,
    key: app.app_key,
    agent: app.agent_id,
    userid: me.userid,
    content,
  });
  return (
    <div className="app-parts">
      <section className="panel app-part" aria-labelledby={label}>
        <div className="panel-head">
          <h2 id={label}>{t('try.request')}</h2>
          <Segmented<Language>
            name="language"
            aria-label={t('try.language')}
            value={language}
            options={languages.map((value) => ({ value, label: t(`try.language.${value}`) }))}
            onChange={setLanguage}
          />
        </div>
        <div className="fields try-fields">
          <FoundNotice at={foundAt} onForget={drop} />
          <Labelled label={t('try.text')} value={content} most={most} wrong="">
            {(named) => <Input {...named} maxLength={most} value={content} onChange={(e) => update(e.target.value)} />}
          </Labelled>
        </div>
        <div className="code-block">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard too */}
          <pre tabIndex={0}>
            <code>{code}</code>
          </pre>
          <Button className="code-copy" icon={<Copy size={14} aria-hidden="true" />} onClick={() => copy(code)}>
            {t('try.copy')}
          </Button>
        </div>
        <p className="panel-text">{t('try.secret')}</p>
      </section>
      <Run app={app} content={content} />
    </div>
  );
}

/** Who keeps the app, or sends with it by hand, sends the same to themselves. */
function Run({ app, content }: { app: App; content: string }) {
  const org = useOrg();
  const { me } = useSession();
  const label = useId();
  const run = useMutation({ mutationFn: () => sendTextToMe(org, app.agent_id, content) });
  if (!app.may.test || !app.enabled || !app.installation?.grants.direct_send) {
    return null;
  }
  return (
    <section className="panel app-part" aria-labelledby={label}>
      <div className="panel-head">
        <h2 id={label}>{t('try.here')}</h2>
        <Button
          type="primary"
          icon={<Play size={14} aria-hidden="true" />}
          disabled={content.trim() === ''}
          loading={run.isPending}
          onClick={() => run.mutate()}
        >
          {t('try.run')}
        </Button>
      </div>
      <p className="panel-text">{t('try.here.text')}</p>
      <div className="try-answer" role="status">
        {run.isError && <p className="field-wrong">{refusalText(run.error)}</p>}
        {run.data && (
          <p>
            {t('try.sent', { task: run.data.task_id })}{' '}
            {me.pages.includes('notifications') && (
              <Link to="/notifications/$task" params={{ task: run.data.task_id }}>
                {t('try.task')}
              </Link>
            )}
          </p>
        )}
      </div>
    </section>
  );
}
