// What somebody is told above a draft: that it was found again, that sending it
// may have worked, and that its template is another one now.

import { Alert, Button } from 'antd';
import { t } from '../../../shared/words';
import { keptAt } from '../../form/keptnotice';
import type { Composing, Opened } from './composing';
import type { DryRun } from './dryrun';

interface Props {
  opened: Opened;
  composing: Composing;
  run: DryRun;
  /** Gives the draft up, and begins anew. */
  onAgain: () => void;
}

export function Notices({ opened, composing, run, onAgain }: Props) {
  const { keptAt: at, lapsed } = opened;
  return (
    <div className="notices">
      {at !== null && (
        <Alert
          type="info"
          showIcon
          role="status"
          title={t('compose.restored', { at: keptAt(at) })}
          action={
            <Button size="small" onClick={onAgain}>
              {t('compose.again')}
            </Button>
          }
        />
      )}
      {lapsed && <Alert type="warning" showIcon role="alert" title={t('compose.lapsed')} />}
      {run.replaced !== null && run.template && (
        <Alert
          type="warning"
          showIcon
          role="status"
          title={t('compose.replaced', { was: run.replaced, n: run.template.version, name: run.template.name })}
        />
      )}
      {!composing.isKept && <Alert type="warning" showIcon role="alert" title={t('compose.notKept')} />}
    </div>
  );
}
