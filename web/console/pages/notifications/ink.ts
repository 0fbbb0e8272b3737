// The colour in which the inbox writes on a sender's colour, as the server
// computes it for a card.

import { colors, type Shown } from '../../look/colors';

type RGB = [number, number, number];

const tint = 0.12; // how strongly a colour tints the ground below it
const readable = 4.5;
const hint = 12; // below this difference of its channels a colour is grey

/** RRGGBB of what somebody writes, with or without #; null if it is no colour. */
export function hexOf(text: string): string | null {
  return /^#?([0-9a-f]{6})$/i.exec(text.trim())?.[1]?.toUpperCase() ?? null;
}

/** The shade nearest to a colour that can be read on its own tint. */
export function inkOf(hex: string): Record<Shown, string> {
  const own = rgb(hex);
  if (Math.max(...own) - Math.min(...own) < hint) {
    return { light: plain(colors.light.text), dark: plain(colors.dark.text) };
  }
  return {
    light: shade(own, rgb(plain(colors.light.surface)), [0, 0, 0]),
    dark: shade(own, rgb(plain(colors.dark.surface)), [255, 255, 255]),
  };
}

function shade(own: RGB, surface: RGB, end: RGB): string {
  const ground = mix(surface, own, tint);
  for (let step = 0; step < 20; step++) {
    const ink = mix(own, end, step / 20);
    if (contrast(ink, ground) >= readable) {
      return written(ink);
    }
  }
  return written(end);
}

function plain(color: string): string {
  return color.slice(1).toUpperCase();
}

function rgb(hex: string): RGB {
  const at = (n: number) => Number.parseInt(hex.slice(n, n + 2), 16);
  return [at(0), at(2), at(4)];
}

function written(color: RGB): string {
  return color.map((c) => c.toString(16).padStart(2, '0').toUpperCase()).join('');
}

function mix(a: RGB, b: RGB, share: number): RGB {
  const part = (n: 0 | 1 | 2) => Math.round(a[n] * (1 - share) + b[n] * share);
  return [part(0), part(1), part(2)];
}

/** The contrast of WCAG 2, 1 to 21. */
function contrast(a: RGB, b: RGB): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance(color: RGB): number {
  const [r, g, b] = color.map((c) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as RGB;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
