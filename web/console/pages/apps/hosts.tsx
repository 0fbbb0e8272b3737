// The hosts that an app vouches for: links to them open without a warning.

import { Input } from 'antd';
import { t } from '../../../shared/words';
import { Labelled } from '../../form/labelled';
import { useAppEditing } from './editing';
import { PartPanel } from './part';
import { hostsOf, hostsPart } from './profile';
import type { App, At } from './queries';

export function HostsTab({ at, app }: { at: At; app: App }) {
  const editing = useAppEditing(at, app, hostsPart);
  return (
    <div className="app-parts">
      <PartPanel
        title={t('app.hosts')}
        text={t('app.hosts.text')}
        editing={app.may.write ? editing : null}
        rows={(form) => [{ label: t('app.hosts'), text: hostsOf(form).join('\n') }]}
        fields={(form, update) => (
          <div className="fields app-hosts">
            <Labelled label={t('app.hosts.each')} value={form.text} wrong="">
              {(named) => (
                <Input.TextArea
                  {...named}
                  spellCheck={false}
                  placeholder={'example.com\n*.example.com'}
                  value={form.text}
                  onChange={(e) => update({ text: e.target.value })}
                />
              )}
            </Labelled>
          </div>
        )}
      >
        <div className="app-part-body">
          {app.trusted_hosts.length === 0 && <p className="quiet">{t('app.hosts.none')}</p>}
          {app.trusted_hosts.length > 0 && (
            <ul className="host-list">
              {app.trusted_hosts.map((host) => (
                <li key={host}>
                  <code>{host}</code>
                </li>
              ))}
            </ul>
          )}
        </div>
      </PartPanel>
    </div>
  );
}
