// What stands around every page: the header, the menu, and the page's place.

import { Outlet, useLocation } from '@tanstack/react-router';
import { Drawer } from 'antd';
import { useEffect, useState } from 'react';
import { t } from '../../shared/words';
import { Header } from './header';
import { KeyList } from './keylist';
import { useKeys } from './keys';
import { LiveProvider, useStarted } from './living';
import { Menu } from './menu';
import { pageAt } from './pages';
import { Preferences } from './preferences';
import { Reconnecting } from './reconnecting';
import { useSession } from './session';
import { NoPermission } from './states';

export function Frame() {
  const { me } = useSession();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const page = pageAt(pathname);
  const live = useStarted();
  useKeys();
  useEffect(() => {
    document.title = page ? `${t(`page.${page.name}`)} · Tidings` : 'Tidings';
  }, [page]);
  return (
    <LiveProvider value={live}>
      <div className="frame">
        <a className="skip" href="#main">
          {t('skip')}
        </a>
        <Header onMenu={() => setOpen(true)} />
        <Reconnecting />
        <div className="side">
          <Menu />
        </div>
        <Drawer
          className="menu-drawer"
          title={t('menu')}
          placement="left"
          size={280}
          open={open}
          onClose={() => setOpen(false)}
          closable={{ 'aria-label': t('close') }}
        >
          <Menu onGo={() => setOpen(false)} />
          <Preferences />
        </Drawer>
        <KeyList />
        <main id="main" tabIndex={-1}>
          {page && !me.pages.includes(page.name) ? <NoPermission page={page} /> : <Outlet />}
        </main>
      </div>
    </LiveProvider>
  );
}
