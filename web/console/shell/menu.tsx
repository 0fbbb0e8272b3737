// The pages that one may open.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { t } from '../../shared/words';
import { reviewCountQuery } from '../pages/reviews/queries';
import { consolePages } from './pages';
import { useOrg, useSession } from './session';

export function Menu(props: { onGo?: () => void }) {
  const { me } = useSession();
  return (
    <nav className="menu" aria-label={t('menu')}>
      {consolePages
        .filter((p) => me.pages.includes(p.name))
        .map(({ name, icon: Icon }) => (
          <Link key={name} to={`/${name}`} className="menu-link" onClick={props.onGo}>
            <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
            {t(`page.${name}`)}
            {name === 'reviews' && <Waiting />}
          </Link>
        ))}
    </nav>
  );
}

/** How many reviews wait. */
function Waiting() {
  const count = useQuery(reviewCountQuery(useOrg())).data ?? 0;
  return (
    count > 0 && (
      <span className="menu-badge">
        <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
        <span className="unseen">{t('reviews.waiting', { count })}</span>
      </span>
    )
  );
}
