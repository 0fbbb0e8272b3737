// Says that the page hears of nothing at the moment, once it has been so for a while.

import { useEffect, useState, useSyncExternalStore } from 'react';
import { t } from '../../shared/words';
import { useLive } from './living';
import { useSession } from './session';

const patience = 1500;

export function Reconnecting() {
  const live = useLive();
  const { me } = useSession();
  const lost = useSyncExternalStore(live.subscribe, live.snapshot) === 'waiting' && me.pages.length > 0;
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(lost), lost ? patience : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <p className="reconnecting" role="status" data-shown={late}>
      {late ? t('live.waiting') : ''}
    </p>
  );
}
