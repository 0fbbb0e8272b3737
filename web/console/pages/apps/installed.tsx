// Where a third-party app is installed, as its provider knows it.

import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { t } from '../../../shared/words';
import { Status } from '../../list/status';
import { When } from '../../list/when';
import { Failed, Loading } from '../../shell/states';
import { namedText } from './model';
import { type At, installationsQuery } from './queries';

export function InstalledTab({ at }: { at: At }) {
  const label = useId();
  const query = useQuery(installationsQuery(at));
  if (query.isError && !query.data) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  const { items } = query.data;
  return (
    <div className="app-parts">
      <section className="panel app-part" aria-labelledby={label}>
        <div className="panel-head">
          <h2 id={label}>{t('app.tab.installed')}</h2>
        </div>
        {items.length === 0 && <p className="panel-text">{t('installed.none')}</p>}
        {items.length > 0 && (
          <ul className="secrets" aria-label={t('app.tab.installed')}>
            {items.map((one) => (
              <li key={one.agent_id} className="installed-row">
                <span className="secret-facts">
                  <span>{one.organization.name || one.organization.corp_id}</span>
                  <span className="quiet">
                    <span className="unbroken">
                      {t('app.agent')} <code>{one.agent_id}</code>
                    </span>
                    {` · ${namedText(one)} · `}
                    <span className="unbroken">
                      {t('installed.since')} <When at={one.since} />
                    </span>
                  </span>
                </span>
                <Status tone={one.enabled ? 'good' : 'none'}>{one.enabled ? t('app.on') : t('app.off')}</Status>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
