// Who has had the same content today gets it again once it says something else.

import { Button } from 'antd';
import { t } from '../../../shared/words';
import type { Composing } from './composing';
import { isUploaded } from './content';
import type { Plan } from './queries';
import { marked } from './wire';

const sameContent = new Set(['143106', '143206']);

export function Reminder({ composing, held }: { composing: Composing; held: Plan['held'] }) {
  const { draft, update } = composing;
  const offered =
    draft.from === 'own' && !isUploaded(draft.content.kind) && held.some((h) => sameContent.has(h.code) && h.count > 0);
  if (!offered) {
    return null;
  }
  return (
    <div className="compose-reminder">
      <span className="quiet">{t('compose.reminder')}</span>
      <Button size="small" onClick={() => update({ content: marked(draft.content, t('compose.mark')) })}>
        {t('compose.addMark', { mark: t('compose.mark').trim() })}
      </Button>
    </div>
  );
}
