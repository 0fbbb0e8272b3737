// What the author is told above the form: why it was sent back, what the
// browser kept, and that somebody else has saved.

import { Alert, Button } from 'antd';
import { t } from '../../../shared/words';
import { KeptNotice } from '../../form/keptnotice';
import { refusalText } from '../../shell/refusal';
import { Conflicted } from './conflict';
import type { At, Template } from './queries';
import { Rejection } from './rejection';
import type { Writing } from './writing';

export function Notices({ at, template, writing }: { at: At; template: Template; writing: Writing }) {
  const { kept, saving } = writing;
  return (
    <div className="notices">
      <Rejection at={at} template={template} />
      {saving.kind === 'conflict' && <Conflicted stored={template} writing={writing} />}
      {saving.kind === 'failed' && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={refusalText(saving.error)}
          description={t('saving.kept')}
          action={
            <Button size="small" onClick={() => void writing.flush()}>
              {t('retry')}
            </Button>
          }
        />
      )}
      {kept && <KeptNotice at={kept.at} onForget={writing.forget} onRestore={writing.restore} />}
    </div>
  );
}
