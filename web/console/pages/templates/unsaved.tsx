// What its author was writing when somebody else submitted the draft, or it was
// decided: it is in no version, and not lost.

import { Alert, Button } from 'antd';
import { t } from '../../../shared/words';
import { keptAt } from '../../form/keptnotice';
import { named } from '../../people/named';
import { dropDraft } from '../../shell/drafts';
import { editable, emptyForm, withParameters } from './form';
import type { At, Template } from './queries';
import { useKept, useWritingKey } from './writing';

/** Says that the browser has it, and what to do so that it can be written on. */
export function Unsaved({ at, template }: { at: At; template: Template }) {
  const { newest } = template;
  const key = useWritingKey(at);
  const [kept, setKept] = useKept(key, withParameters(newest.form ? editable(newest.form) : emptyForm('markdown')));
  if (!kept) {
    return null;
  }
  const forget = () => {
    void dropDraft(key);
    setKept(null);
  };
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('unsaved.title', { at: keptAt(kept.at) })}
      description={
        newest.state === 'in_review'
          ? t('unsaved.inReview', { who: named(newest.submitted_by), n: newest.number })
          : t('unsaved.edit', { n: newest.number + 1 })
      }
      action={
        <Button size="small" onClick={forget}>
          {t('kept.forget')}
        </Button>
      }
    />
  );
}
