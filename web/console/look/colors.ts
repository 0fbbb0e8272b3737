// The colours of shared/look/tokens.css, as Ant Design takes them: it computes
// with colours and cannot read variables. A test compares the two.

import type { Theme } from '../../shared/look/theme';

export type Shown = Exclude<Theme, 'system'>;

export const colors = {
  light: {
    page: '#f5f6f8',
    surface: '#ffffff',
    raised: '#ffffff',
    line: '#e6e8eb',
    text: '#171a1d',
    'text-2': '#5c6166',
    brand: '#0958d9',
    'on-brand': '#ffffff',
    danger: '#c9261d',
    success: '#1a7f37',
    warning: '#9a6700',
    hover: '#17181a0d',
    tint: '#0958d914',
    shade: '#17181a73',
  },
  dark: {
    page: '#111315',
    surface: '#1b1e21',
    raised: '#23272b',
    line: '#2c3035',
    text: '#ecedee',
    'text-2': '#a0a6ad',
    brand: '#6ba1ff',
    'on-brand': '#0b1220',
    danger: '#ff8078',
    success: '#57c77a',
    warning: '#e0a83c',
    hover: '#ffffff12',
    tint: '#6ba1ff1f',
    shade: '#000000a6',
  },
} as const;

/** The colours as Ant Design names them. They stand in place of what it derives. */
export function exact(shown: Shown) {
  const c = colors[shown];
  return {
    colorPrimary: c.brand,
    colorPrimaryText: c.brand,
    colorPrimaryHover: c.brand, // base.css shows that a button is hovered
    colorPrimaryActive: c.brand,
    colorInfo: c.brand,
    colorLink: c.brand,
    colorLinkHover: c.brand,
    colorLinkActive: c.brand,
    colorError: c.danger,
    colorErrorText: c.danger,
    colorErrorHover: c.danger,
    colorErrorActive: c.danger,
    colorSuccess: c.success,
    colorSuccessText: c.success,
    colorWarning: c.warning,
    colorWarningText: c.warning,
    colorText: c.text,
    colorTextSecondary: c['text-2'],
    colorTextTertiary: c['text-2'],
    ...grounds('Info', c.brand),
    ...grounds('Error', c.danger),
    ...grounds('Success', c.success),
    ...grounds('Warning', c.warning),
    colorBgLayout: c.page,
    colorBgContainer: c.surface,
    colorBgElevated: c.raised,
    colorBgMask: c.shade,
    colorBorder: c.line,
    colorBorderSecondary: c.line,
    colorPrimaryBg: c.tint,
  };
}

/** The ground and the line of a notice: a tint of its colour. */
function grounds(name: string, colour: string): Record<string, string> {
  return { [`color${name}Bg`]: `${colour}14`, [`color${name}Border`]: `${colour}66` };
}
