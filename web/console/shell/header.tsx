// The line at the top: where one is, and who one is.

import { Link } from '@tanstack/react-router';
import { App, Dropdown, type MenuProps } from 'antd';
import { ChevronsUpDown, Keyboard, Languages, LogOut, MailOpen, Menu as MenuIcon, Moon, Sun } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Avatar } from '../../shared/look/avatar';
import { chooseTheme, chosenTheme, type Theme } from '../../shared/look/theme';
import { chooseLanguage, type Language, t, useLanguage } from '../../shared/words';
import { useMenuButton } from '../form/menubutton';
import { useShownTheme } from '../look/look';
import { Find } from './find';
import { lettersOn, switchLetters } from './keys';
import { refusalText } from './refusal';
import { roleNames } from './roles';
import { signOut, switchTo, useSession } from './session';

export function Header(props: { onMenu: () => void }) {
  const { current } = useSession();
  return (
    <header className="header">
      <button type="button" className="icon-button only-phone" aria-label={t('menu.open')} onClick={props.onMenu}>
        <MenuIcon size={20} aria-hidden="true" />
      </button>
      <Link to="/" className="brand" aria-label={t('home')}>
        <img src="/assets/icons/mark.svg" alt="" width={24} height={24} />
        <span className="only-desktop">Tidings</span>
      </Link>
      <Organization />
      <span className="header-space" />
      <Find />
      <a className="header-link" href={`/?org=${encodeURIComponent(current.corp_id)}`} aria-label={t('inbox')}>
        <MailOpen size={18} strokeWidth={1.75} aria-hidden="true" />
        <span className="only-desktop">{t('inbox')}</span>
      </a>
      <LanguageMenu />
      <ThemeMenu />
      <MeMenu />
    </header>
  );
}

/** The organization; where one is signed in to several, a menu of them. */
function Organization() {
  const { current, memberships } = useSession();
  if (memberships.length === 1) {
    return <span className="organization">{current.name}</span>;
  }
  return (
    <HeaderMenu
      label={t('organization', { name: current.name })}
      items={memberships.map((m) => ({ key: m.corp_id, label: m.name }))}
      chosen={current.corp_id}
      onChoose={switchTo}
      className="organization"
    >
      <span className="organization-name">{current.name}</span>
      <ChevronsUpDown size={14} aria-hidden="true" />
    </HeaderMenu>
  );
}

function LanguageMenu() {
  const language = useLanguage();
  return (
    <HeaderMenu
      label={t('language')}
      items={[
        { key: 'zh', label: '中文' },
        { key: 'en', label: 'English' },
      ]}
      chosen={language}
      onChoose={(l) => void chooseLanguage(l as Language)}
      className="icon-button only-desktop"
    >
      <Languages size={18} strokeWidth={1.75} aria-hidden="true" />
    </HeaderMenu>
  );
}

function ThemeMenu() {
  const [theme, setTheme] = useState(chosenTheme());
  const Sign = useShownTheme() === 'dark' ? Moon : Sun;
  const choose = (next: string) => {
    chooseTheme(next as Theme);
    setTheme(next as Theme);
  };
  return (
    <HeaderMenu
      label={t('theme')}
      items={(['system', 'light', 'dark'] as const).map((key) => ({ key, label: t(`theme.${key}`) }))}
      chosen={theme}
      onChoose={choose}
      className="icon-button only-desktop"
    >
      <Sign size={18} strokeWidth={1.75} aria-hidden="true" />
    </HeaderMenu>
  );
}

function MeMenu() {
  const session = useSession();
  const { message } = App.useApp();
  const { me } = session;
  const who: MenuProps['items'] = [
    {
      key: 'who',
      type: 'group',
      label: (
        <span className="who">
          <strong>{me.name}</strong>
          <span>{me.userid}</span>
          <span>{roleNames(me.roles)}</span>
        </span>
      ),
    },
    { type: 'divider' },
    {
      key: 'keys',
      icon: <Keyboard size={16} aria-hidden="true" />,
      label: lettersOn() ? t('keys.turnOff') : t('keys.turnOn'),
    },
    { key: 'out', icon: <LogOut size={16} aria-hidden="true" />, label: t('signOut') },
  ];
  const choose = (key: string) => {
    if (key === 'keys') {
      switchLetters(!lettersOn());
      message.success(lettersOn() ? t('keys.areOn') : t('keys.areOff'));
    } else {
      signOut(session).catch((e) => message.error(refusalText(e)));
    }
  };
  return (
    <HeaderMenu label={t('me', { name: me.name })} items={who} onChoose={choose} className="me">
      <Avatar name={me.name} round size={28} />
    </HeaderMenu>
  );
}

/** A button of the header with a menu below it. */
function HeaderMenu(props: {
  label: string;
  items: MenuProps['items'];
  chosen?: string;
  onChoose: (key: string) => void;
  className: string;
  children: ReactNode;
}) {
  const { button, open, setOpen, back } = useMenuButton();
  return (
    <Dropdown
      trigger={['click']}
      autoFocus
      open={open}
      onOpenChange={setOpen}
      menu={{
        items: props.items ?? [],
        selectable: props.chosen !== undefined,
        selectedKeys: props.chosen === undefined ? [] : [props.chosen],
        onClick: (chosen) => {
          back(chosen);
          props.onChoose(chosen.key);
        },
      }}
    >
      <button
        ref={button}
        type="button"
        className={`header-button ${props.className}`}
        aria-label={props.label}
        aria-haspopup="menu"
        aria-expanded={open}
      >
        {props.children}
      </button>
    </Dropdown>
  );
}
