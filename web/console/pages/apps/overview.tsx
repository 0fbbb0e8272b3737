// What an app is, and what a program that sends with it has to know.

import { Input } from 'antd';
import { t } from '../../../shared/words';
import { Labelled } from '../../form/labelled';
import { useSession } from '../../shell/session';
import { Callback } from './callback';
import { useAppEditing } from './editing';
import { Fact, Facts, ID } from './facts';
import { IconField } from './iconfield';
import { PartPanel } from './part';
import { type ProfileForm, profilePart } from './profile';
import type { App, At } from './queries';
import { Redirects } from './redirects';

export function Overview({ at, app }: { at: At; app: App }) {
  const { current } = useSession();
  return (
    <div className="app-parts">
      <About at={at} app={app} />
      <Facts title={t('app.ids')} text={t('app.ids.text')}>
        {app.agent_id && <ID label={t('app.agent')} id={app.agent_id} />}
        <ID label={t('app.key')} id={app.app_key} />
        <ID label={t('app.corp')} id={current.corp_id} />
      </Facts>
      {app.provider.corp_id === current.corp_id && (
        <>
          <Redirects at={at} app={app} />
          <Callback at={at} app={app} />
        </>
      )}
    </div>
  );
}

function About({ at, app }: { at: At; app: App }) {
  const editing = useAppEditing(at, app, profilePart);
  const kind =
    app.kind === 'internal'
      ? t('app.kind.internal')
      : t('app.thirdPartyOf', { name: app.provider.name || app.provider.corp_id });
  return (
    <PartPanel
      title={t('app.about')}
      editing={app.may.write ? editing : null}
      rows={(form) => [
        { label: t('app.name'), text: form.name },
        { label: t('app.description'), text: form.description },
        { label: t('app.page'), text: form.pageURL },
        { label: t('app.icon'), text: form.iconName || form.icon || t('app.icon.none') },
      ]}
      fields={(form, update) => <AboutFields at={at} app={app} form={form} onChange={update} />}
    >
      <dl className="app-facts">
        <Fact label={t('app.name')}>{app.name}</Fact>
        <Fact label={t('app.kind')}>{kind}</Fact>
        <Fact label={t('app.description')}>{app.description}</Fact>
        <Fact label={t('app.page')}>{app.page_url && <code>{app.page_url}</code>}</Fact>
      </dl>
    </PartPanel>
  );
}

function AboutFields(props: { at: At; app: App; form: ProfileForm; onChange: (form: ProfileForm) => void }) {
  const { at, app, form, onChange } = props;
  return (
    <div className="fields app-about">
      <Labelled
        label={t('app.name')}
        value={form.name}
        most={64}
        wrong={form.name.trim() === '' ? t('app.wrong.name') : ''}
      >
        {(named) => (
          <Input {...named} value={form.name} onChange={(e) => onChange({ ...form, name: e.target.value })} />
        )}
      </Labelled>
      <Labelled label={t('app.description')} value={form.description} most={500} wrong="">
        {(named) => (
          <Input.TextArea
            {...named}
            value={form.description}
            onChange={(e) => onChange({ ...form, description: inOneLine(e.target.value) })}
          />
        )}
      </Labelled>
      <Labelled label={t('app.page')} value={form.pageURL} wrong="">
        {(named) => (
          <Input
            {...named}
            inputMode="url"
            placeholder="https://example.com/app"
            value={form.pageURL}
            onChange={(e) => onChange({ ...form, pageURL: e.target.value })}
          />
        )}
      </Labelled>
      <p className="quiet field-more">{t('app.page.text')}</p>
      <IconField at={at} app={app} form={form} onChange={onChange} />
    </div>
  );
}

function inOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
