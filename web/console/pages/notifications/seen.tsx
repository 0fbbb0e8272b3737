// The card as people see it, in either theme; what is left of it after a recall.

import { useState } from 'react';
import { t } from '../../../shared/words';
import { date } from '../../../shared/words/time';
import { Preview } from '../../card/preview';
import { ThemeChoice } from '../../card/themechoice';
import type { Shown } from '../../look/colors';
import { useShownTheme } from '../../look/look';
import type { TaskDetail } from './queries';

export function Seen({ task }: { task: TaskDetail }) {
  const [theme, setTheme] = useState<Shown>(useShownTheme());
  return (
    <aside className="seen" aria-label={t('task.seen')}>
      <div className="seen-head">
        <h2>{t('task.seen')}</h2>
        {task.card && <ThemeChoice theme={theme} onChange={setTheme} />}
      </div>
      {task.card ? (
        <Preview card={task.card} theme={theme} label={t('task.seen')} sentAt={task.sent_at} />
      ) : (
        <p className="seen-none">
          {task.recalled_at ? t('task.recalledAt', { date: date(new Date(task.recalled_at)) }) : t('task.notShown')}
        </p>
      )}
    </aside>
  );
}
