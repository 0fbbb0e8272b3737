// The pages that one may open.

import { Link } from '@tanstack/react-router';
import { t } from '../../shared/words';
import { consolePages } from './pages';
import { useSession } from './session';

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
          </Link>
        ))}
    </nav>
  );
}
