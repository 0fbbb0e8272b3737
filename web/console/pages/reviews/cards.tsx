// The card of a version, and of the one it is compared with, as people would see them.

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { Preview } from '../../card/preview';
import { ThemeChoice } from '../../card/themechoice';
import type { Shown } from '../../look/colors';
import { useShownTheme } from '../../look/look';
import { Failed, Loading } from '../../shell/states';
import { type At, cardQuery } from './queries';
import { useOthers, usualOther, versionName } from './versions';

export function Cards(props: { at: At; state: string; live: number | null; against: number | null }) {
  const [theme, setTheme] = useState<Shown>(useShownTheme());
  const { at, live } = props;
  const other = props.against ?? usualOther(at.n, live);
  const others = useOthers(at, live);
  return (
    <aside className="review-cards" aria-label={t('preview')}>
      <div className="panel-head">
        <h2>{t('preview')}</h2>
        <ThemeChoice theme={theme} onChange={setTheme} />
      </div>
      <OneCard at={at} theme={theme} label={versionName(at.n, props.state, live)} />
      {other !== null && (
        <OneCard
          at={{ ...at, n: other }}
          theme={theme}
          label={others.find((one) => one.value === other)?.label ?? versionName(other, undefined, live)}
        />
      )}
    </aside>
  );
}

export function OneCard(props: { at: At; theme: Shown; label: string }) {
  const query = useQuery(cardQuery(props.at));
  return (
    <div className="one-card">
      <h3>{props.label}</h3>
      {query.data && <Preview card={query.data} theme={props.theme} label={props.label} />}
      {query.isPending && <Loading />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
    </div>
  );
}
