// The versions of a template, what differs between them, and who did what.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Drawer, Tabs } from 'antd';
import { History as Sign } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { Status } from '../../list/status';
import { When } from '../../list/when';
import { named } from '../../people/named';
import { Failed, Loading } from '../../shell/states';
import { Changes } from '../reviews/changes';
import { type At, logQuery, type Template, versionsQuery } from './queries';

export function History({ at, template }: { at: At; template: Template }) {
  const [open, setOpen] = useState(false);
  const [against, setAgainst] = useState<number | null>(null);
  return (
    <>
      <Button icon={<Sign size={16} aria-hidden="true" />} onClick={() => setOpen(true)}>
        {t('history')}
      </Button>
      <Drawer
        title={t('history')}
        size={560}
        open={open}
        destroyOnHidden
        onClose={() => setOpen(false)}
        closable={{ 'aria-label': t('close') }}
      >
        <Tabs
          items={[
            { key: 'versions', label: t('history.versions'), children: <Versions at={at} /> },
            {
              key: 'difference',
              label: t('history.difference'),
              children: (
                <Changes
                  at={{ ...at, n: template.newest.number }}
                  live={template.live_version}
                  form={template.newest.form}
                  against={against}
                  onAgainst={setAgainst}
                />
              ),
            },
            { key: 'log', label: t('history.log'), children: <Log at={at} /> },
          ]}
        />
      </Drawer>
    </>
  );
}

function Versions({ at }: { at: At }) {
  const query = useQuery(versionsQuery(at));
  if (query.isError) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  return (
    <ul className="steps-list">
      {query.data.items.map((v) => (
        <li key={v.number}>
          <Link
            to="/templates/$agent/$id/versions/$n"
            params={{ agent: at.agent, id: at.id, n: String(v.number) }}
            className="version-link"
          >
            v{v.number}
          </Link>
          <Status tone={v.state === 'approved' ? 'good' : v.state === 'rejected' ? 'bad' : 'none'}>
            {t(`version.${v.state}`)}
          </Status>
          <span className="quiet">
            {(v.authors.map((a) => a.name).join(', ') || v.submitted_by?.name) ?? ''} <When at={v.saved_at} />
          </span>
          {v.reason && <p className="rejection">{v.reason}</p>}
        </li>
      ))}
    </ul>
  );
}

function Log({ at }: { at: At }) {
  const query = useQuery(logQuery(at));
  if (query.isError) {
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!query.data) {
    return <Loading />;
  }
  return (
    <ul className="steps-list">
      {query.data.items.toReversed().map((entry) => (
        <li key={`${entry.at} ${entry.action} ${entry.version}`}>
          <strong>{t(`log.${entry.action}`)}</strong>
          {entry.version > 0 && <span>v{entry.version}</span>}
          <span className="quiet">
            {named(entry.by)} <When at={entry.at} />
          </span>
          {entry.note && <p className="rejection">{entry.note}</p>}
        </li>
      ))}
    </ul>
  );
}
