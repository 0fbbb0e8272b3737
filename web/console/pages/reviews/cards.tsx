// The card of a version, and of the live one, as people would see them.

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { t } from '../../../shared/words';
import { Preview } from '../../card/preview';
import { ThemeChoice } from '../../card/themechoice';
import type { Shown } from '../../look/colors';
import { useShownTheme } from '../../look/look';
import { Failed, Loading } from '../../shell/states';
import { type At, cardQuery } from './queries';

export function Cards(props: { at: At; live: number | null }) {
  const [theme, setTheme] = useState<Shown>(useShownTheme());
  const { at, live } = props;
  return (
    <aside className="review-cards" aria-label={t('preview')}>
      <div className="panel-head">
        <h2>{t('preview')}</h2>
        <ThemeChoice theme={theme} onChange={setTheme} />
      </div>
      <OneCard at={at} theme={theme} label={t('version.waiting', { n: at.n })} />
      {live !== null && live !== at.n && (
        <OneCard at={{ ...at, n: live }} theme={theme} label={t('version.live', { n: live })} />
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
