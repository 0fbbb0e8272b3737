import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ground } from './avatar';

/** Relative luminance and contrast, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** A colour with alpha laid over an opaque one. */
function over(top: string, ground: string): string {
  const alpha = top.length === 9 ? Number.parseInt(top.slice(7), 16) / 255 : 1;
  const mixed = [1, 3, 5].map((at) => {
    const [t, g] = [top, ground].map((c) => Number.parseInt(c.slice(at, at + 2), 16)) as [number, number];
    return Math.round(t * alpha + g * (1 - alpha))
      .toString(16)
      .padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

const css = readFileSync('shared/look/tokens.css', 'utf8');
function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6,8});/g)].map((m) => [m[1], m[2]]));
}
const light = tokens('[data-theme="light"]');
const themes = { light, dark: { ...light, ...tokens('[data-theme="dark"]') } };

describe.each(Object.entries(themes))('the %s theme', (_, theme) => {
  const of = (name: string) => theme[name] as string;
  const grounds = ['page', 'surface', 'raised'];
  const pairs = ['text', 'text-2', 'brand', 'danger', 'success', 'warning'].flatMap((ink) =>
    grounds.map((g) => [ink, g] as const),
  );

  it.each(pairs)('%s can be read on %s', (ink, g) => {
    expect(contrast(of(ink), of(g))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(grounds)('what is chosen or hovered can be read on %s', (g) => {
    expect(contrast(of('brand'), over(of('tint'), of(g)))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of('text-2'), over(of('hover'), of(g)))).toBeGreaterThanOrEqual(4.5);
  });

  it('the primary button can be read', () => {
    expect(contrast(of('on-brand'), of('brand'))).toBeGreaterThanOrEqual(4.5);
  });
});

it('white letters can be read on every sign', () => {
  const seen = new Set<string>();
  for (let n = 0; n < 200; n++) {
    seen.add(ground(`app ${n}`));
  }
  expect(seen.size).toBe(10);
  for (const g of seen) {
    expect(contrast('#ffffff', g)).toBeGreaterThanOrEqual(4.5);
  }
});
