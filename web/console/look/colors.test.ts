import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { colors } from './colors';

const css = readFileSync('shared/look/tokens.css', 'utf8');

function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return Object.fromEntries([...block.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6,8});/g)].map((m) => [m[1], m[2]]));
}

describe('the colours given to Ant Design', () => {
  it.each(['light', 'dark'] as const)('are those of the %s theme, all of them', (shown) => {
    expect(colors[shown]).toEqual(tokens(`[data-theme="${shown}"]`));
  });
});
