import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { t } from '../../../shared/words';
import { named } from '../../people/named';
import { type At, type Template, versionsQuery } from './queries';

/** Why the version before was sent back; it stays until the next is submitted. */
export function Rejection({ at, template }: { at: At; template: Template }) {
  const { newest } = template;
  const writing = newest.state === 'draft';
  const versions = useQuery({ ...versionsQuery(at), enabled: writing && newest.number > 1 });
  const rejected = writing ? versions.data?.items.find((v) => v.number === newest.number - 1) : newest;
  if (rejected?.state !== 'rejected') {
    return null;
  }
  const who = named(rejected.decided_by);
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      title={t('rejection.title', { who, n: rejected.number })}
      description={<span className="rejection">{rejected.reason}</span>}
    />
  );
}
