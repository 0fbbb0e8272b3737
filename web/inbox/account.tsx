// The reader's own menu: which organization, language, theme, devices.

import { Check, LogOut, MonitorSmartphone } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import type { Membership } from '../shared/account/membership';
import { Avatar } from '../shared/look/avatar';
import { chooseTheme, chosenTheme, type Theme } from '../shared/look/theme';
import { chooseLanguage, type Language, t, useLanguage } from '../shared/words';
import { Devices } from './devices';
import { Count } from './filter';
import { useOthers } from './others';
import { SigningOut } from './signingout';

interface Props {
  memberships: readonly Membership[];
  current: Membership;
  onSwitch: (corpID: string) => void;
  onSignOut: () => void;
}

export function Account(props: Props) {
  const { current, memberships } = props;
  const [open, setOpen] = useState(false);
  const [devices, setDevices] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const others = useOthers(memberships, current.corp_id);
  // The menu from which a dialog was opened is gone by then.
  const closed = (set: (open: boolean) => void) => () => {
    set(false);
    queueMicrotask(() => {
      if (document.activeElement === document.body) {
        button.current?.focus({ preventScroll: true });
      }
    }); // once the dialog is out of the document
  };
  const elsewhere = Object.values(others).some((n) => n > 0);
  useClosing(open, box, () => setOpen(false), button);
  return (
    <div className="account" ref={box}>
      <button type="button" className="account-button" aria-expanded={open} ref={button} onClick={() => setOpen(!open)}>
        <Avatar name={current.user_name} round size={32} />
        {elsewhere && (
          <span className="elsewhere">
            <span className="unseen">{t('elsewhere.unread')}</span>
          </span>
        )}
        <span className="account-names">
          <span className="account-name">{current.user_name}</span>
          <span className="account-organization">{current.name}</span>
          <span className="unseen">{t('account.menu')}</span>
        </span>
      </button>
      {open && (
        <section className="menu" aria-label={t('account.menu')}>
          <Organizations memberships={memberships} current={current} unread={others} onSwitch={props.onSwitch} />
          <Languages />
          <Themes />
          <div className="menu-part">
            <button
              type="button"
              className="menu-item"
              onClick={() => {
                setOpen(false);
                setDevices(true);
              }}
            >
              <MonitorSmartphone size={18} aria-hidden="true" />
              {t('account.devices')}
            </button>
            <button
              type="button"
              className="menu-item"
              onClick={() => {
                setOpen(false);
                setLeaving(true);
              }}
            >
              <LogOut size={18} aria-hidden="true" />
              {t('account.signOut')}
            </button>
          </div>
        </section>
      )}
      {devices && <Devices corpID={current.corp_id} onClose={closed(setDevices)} onSignOut={() => setLeaving(true)} />}
      {leaving && <SigningOut current={current} onConfirm={props.onSignOut} onClose={closed(setLeaving)} />}
    </div>
  );
}

function Organizations(
  props: Pick<Props, 'memberships' | 'current' | 'onSwitch'> & { unread: Readonly<Record<string, number>> },
) {
  return (
    <div className="menu-part">
      {props.memberships.map((m) => (
        <button
          type="button"
          key={m.corp_id}
          className="menu-item"
          aria-current={m === props.current}
          onClick={() => props.onSwitch(m.corp_id)}
        >
          <Avatar name={m.name} size={28} />
          <span className="menu-two">
            <span>{m.name}</span>
            <span className="menu-second">{m.user_name}</span>
          </span>
          {m !== props.current && <Count count={props.unread[m.corp_id] ?? 0} />}
          {m === props.current && <Check size={18} aria-hidden="true" />}
        </button>
      ))}
    </div>
  );
}

function Languages() {
  const language = useLanguage();
  return (
    <Options
      label={t('account.language')}
      chosen={language}
      options={[
        ['zh', '中文'],
        ['en', 'English'],
      ]}
      onChoose={(l: Language) => void chooseLanguage(l)}
    />
  );
}

function Themes() {
  const [theme, setTheme] = useState(chosenTheme());
  const choose = (next: Theme) => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <Options
      label={t('account.theme')}
      chosen={theme}
      options={[
        ['system', t('account.theme.system')],
        ['light', t('account.theme.light')],
        ['dark', t('account.theme.dark')],
      ]}
      onChoose={choose}
    />
  );
}

function Options<T extends string>(props: {
  label: string;
  chosen: T;
  options: [T, string][];
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset className="menu-part options">
      <legend>{props.label}</legend>
      {props.options.map(([value, name]) => (
        <button
          type="button"
          key={value}
          className="option"
          aria-pressed={value === props.chosen}
          onClick={() => props.onChoose(value)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

// A click or the focus elsewhere closes the menu, and Escape, which gives the focus back.
// Before it is drawn: the next key may be pressed at once.
function useClosing(
  open: boolean,
  box: React.RefObject<HTMLElement | null>,
  close: () => void,
  button: React.RefObject<HTMLElement | null>,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: close only sets a state
  useLayoutEffect(() => {
    if (!open) {
      return;
    }
    const outside = (e: Event) => {
      if (!box.current?.contains(e.target as Node)) {
        close();
      }
    };
    const key = (e: KeyboardEvent) => {
      if (e.key === 'Escape' && !document.querySelector('dialog[open]')) {
        close();
        button.current?.focus();
      }
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
      document.removeEventListener('keydown', key);
    };
  }, [open, box, button]);
}
