// The card as people will see it. While it cannot be shown, the last one that
// could; a template whose values are not all there shows its samples.

import { useEffect, useState } from 'react';
import { t } from '../../../shared/words';
import { Preview, type Rendered } from '../../card/preview';
import { ThemeChoice } from '../../card/themechoice';
import type { Shown } from '../../look/colors';
import { useShownTheme } from '../../look/look';
import { refusalText } from '../../shell/refusal';
import type { Draft } from './draft';
import type { DryRun } from './dryrun';

export function Look({ run, from }: { run: DryRun; from: Draft['from'] }) {
  const [theme, setTheme] = useState<Shown>(useShownTheme());
  const [last, setLast] = useState<Rendered | null>(null);
  const now = run.said === null ? null : (run.card.data?.card ?? null);
  useEffect(() => {
    if (now) {
      setLast(now);
    }
  }, [now]);
  const sample = run.gaps.length > 0 ? (run.template?.card ?? null) : null;
  const shown = now ?? sample ?? last;
  return (
    <div className="compose-preview">
      <div className="panel-head">
        <h2>{t('preview')}</h2>
        <ThemeChoice theme={theme} onChange={setTheme} />
      </div>
      <div className="compose-card">
        {shown ? (
          <Preview card={shown} theme={theme} />
        ) : (
          <p className="compose-none">{t(from === 'own' ? 'preview.nothing' : 'compose.previewTemplate')}</p>
        )}
      </div>
      <p className="quiet" aria-live="polite">
        {note(run, shown !== null && !now, sample !== null)}
      </p>
    </div>
  );
}

function note({ card }: DryRun, old: boolean, sample: boolean): string {
  if (card.isError && !old) {
    return t('preview.away', { why: refusalText(card.error) });
  }
  if (!old) {
    return '';
  }
  return sample ? t('compose.samples') : t('preview.last');
}
