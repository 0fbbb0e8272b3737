import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Classes that a sheet styles wherever they stand: .x or .x::before, not .list .x or .x[data-y]. */
function everywhere(css: string): string[] {
  const rules = css.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{}@;]+)\{/g);
  return [...rules]
    .flatMap(([, selectors = '']) => selectors.split(','))
    .flatMap((one) => /^\s*\.([\w-]+)(::?[\w-]+)*\s*$/.exec(one)?.[1] ?? []);
}

// A sheet stays when one goes on to another page, and would change what is there.
it('a class is styled by one page, or by what all pages have', () => {
  const owners = new Map<string, Set<string>>();
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.css')) {
      const owner = /^pages\/\w+/.exec(relative(root, join(root, path)))?.[0] ?? 'all pages';
      for (const name of everywhere(readFileSync(join(root, path), 'utf8'))) {
        owners.set(name, (owners.get(name) ?? new Set()).add(owner));
      }
    }
  }
  expect(owners.size).toBeGreaterThan(100);
  const shared = [...owners].filter(([, by]) => by.size > 1).map(([name, by]) => `.${name}: ${[...by].join(', ')}`);
  expect(shared).toEqual([]);
});
