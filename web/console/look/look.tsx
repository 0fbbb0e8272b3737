// Ant Design as the console uses it: our colours, our language, our styles on top.

import { StyleProvider } from '@ant-design/cssinjs';
import { App, theme as antd, ConfigProvider, type ThemeConfig } from 'antd';
import en from 'antd/es/locale/en_US';
import zh from 'antd/es/locale/zh_CN';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useLanguage } from '../../shared/words';
import { colors, exact, type Shown } from './colors';

export function Look(props: { children: ReactNode }) {
  const language = useLanguage();
  const shown = useShownTheme();
  const still = useSyncExternalStore(watchMotion, () => motion.matches);
  return (
    <StyleProvider layer>
      <ConfigProvider
        theme={still ? stillThemes[shown] : themes[shown]}
        locale={language === 'zh' ? zh : en}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
        getPopupContainer={landmarkOf}
      >
        <App component={false}>{props.children}</App>
      </ConfigProvider>
    </StyleProvider>
  );
}

/** What pops up stands in the landmark of what it belongs to. */
function landmarkOf(opener?: HTMLElement): HTMLElement {
  return opener?.closest<HTMLElement>('header, main') ?? document.body;
}

const themes: Record<Shown, ThemeConfig> = { light: themeOf('light'), dark: themeOf('dark') };

/** The same without motion, for whoever has asked their system for that. */
const stillThemes: Record<Shown, ThemeConfig> = {
  light: withoutMotion(themes.light),
  dark: withoutMotion(themes.dark),
};

function withoutMotion(theme: ThemeConfig): ThemeConfig {
  return { ...theme, token: { ...theme.token, motion: false } };
}

const motion = matchMedia('(prefers-reduced-motion: reduce)');

function watchMotion(tell: () => void): () => void {
  motion.addEventListener('change', tell);
  return () => motion.removeEventListener('change', tell);
}

function themeOf(shown: Shown): ThemeConfig {
  const c = colors[shown];
  return {
    algorithm: [
      shown === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
      // The algorithm derives colours from ours; where we have one, it is that.
      (_, map) => ({ ...(map as NonNullable<typeof map>), ...exact(shown) }),
    ],
    cssVar: { key: 'tidings' },
    hashed: false,
    token: {
      colorPrimary: c.brand,
      colorError: c.danger,
      colorSuccess: c.success,
      colorWarning: c.warning,
      colorTextDescription: c['text-2'],
      colorTextPlaceholder: c['text-2'],
      colorIcon: c['text-2'],
      fontFamily: 'var(--font)',
      fontFamilyCode: 'var(--mono)',
      borderRadius: 8,
      borderRadiusLG: 12,
      controlHeight: 36,
      motionDurationMid: '0.16s',
      motionDurationSlow: '0.16s',
      wireframe: false,
    },
    components: {
      Button: {
        primaryColor: c['on-brand'],
        dangerColor: c['on-brand'],
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        fontWeight: 500,
      },
      // Nothing but its edge says where an empty one is.
      Checkbox: { colorBorder: c['text-2'] },
      Radio: { colorBorder: c['text-2'] },
      Segmented: { itemSelectedBg: c.surface, trackBg: c.line, itemColor: c['text-2'] },
      Table: { headerBg: c.surface, headerColor: c['text-2'], headerSplitColor: 'transparent', rowHoverBg: c.page },
      Tooltip: { colorBgSpotlight: '#2b2f33', colorTextLightSolid: '#ffffff' },
    },
  };
}

/** The theme that the page shows; first.js says it on the root. */
export function useShownTheme(): Shown {
  return useSyncExternalStore(watch, () => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'));
}

function watch(tell: () => void): () => void {
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
