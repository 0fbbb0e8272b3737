// @vitest-environment jsdom

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// The script itself, as the page runs it.
const first = readFileSync('shared/look/first.js', 'utf8');

describe('the theme before anything is drawn', () => {
  it('follows the choice, the system and other tabs, and colours the bars of the browser', () => {
    let dark = false;
    const changes: (() => void)[] = [];
    const system = {
      get matches() {
        return dark;
      },
      addEventListener: (_: string, f: () => void) => changes.push(f),
    };
    document.head.innerHTML = '<meta name="theme-color" content="">';
    const shown = () => [
      document.documentElement.dataset.theme,
      document.querySelector('meta')?.getAttribute('content'),
    ];
    new Function('matchMedia', first)(() => system);
    expect(shown()).toEqual(['light', '#FFFFFF']);
    dark = true;
    for (const change of changes) {
      change();
    }
    expect(shown()).toEqual(['dark', '#1B1E21']);
    localStorage.setItem('tidings.theme', 'light');
    dispatchEvent(new Event('storage'));
    expect(shown()).toEqual(['light', '#FFFFFF']);
    localStorage.removeItem('tidings.theme');
    dispatchEvent(new Event('tidings-theme'));
    expect(shown()).toEqual(['dark', '#1B1E21']);
  });
});
