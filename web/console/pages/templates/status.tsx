// The two facts of a template: what is sent, and what is newest.

import { t } from '../../../shared/words';
import { Status } from '../../list/status';
import type { Template } from './queries';

export function Facts({ template }: { template: Template }) {
  const { live_version: live, enabled, newest } = template;
  return (
    <span className="two-facts">
      {live === null ? (
        <Status tone="none">{t('template.notLive')}</Status>
      ) : (
        <Status tone={enabled ? 'good' : 'none'}>{t(enabled ? 'template.live' : 'template.off', { n: live })}</Status>
      )}
      {newest.number !== live && (
        <Status tone={tones[newest.state] ?? 'none'}>
          {t(`template.newest.${newest.state}`, { n: newest.number })}
        </Status>
      )}
    </span>
  );
}

const tones: Readonly<Record<string, 'good' | 'wait' | 'bad' | 'none'>> = {
  in_review: 'wait',
  rejected: 'bad',
  approved: 'good',
};
