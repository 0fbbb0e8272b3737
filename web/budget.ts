// Fails the build when an entry's script outgrows its budget, in kB gzip.

import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/**
 * What an entry may weigh: everything it has (all), or what comes before its
 * first page is shown, and with each page after it (first, later).
 */
export interface Budget {
  all?: number;
  first?: number;
  later?: number;
}

type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk;

export function budget(most: Budget): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    writeBundle(_, bundle) {
      for (const [what, size] of measured(bundle, most)) {
        const limit = most[what.split(' ')[0] as keyof Budget] as number;
        const text = `script, ${what}: ${size.toFixed(1)} kB gzip of ${limit}`;
        if (size > limit) {
          this.error(text);
        }
        this.info(text);
      }
    },
  };
}

function measured(bundle: Bundle, most: Budget): [string, number][] {
  if (most.all !== undefined) {
    return [['all', weight(bundle, Object.keys(bundle))]];
  }
  const chunks = Object.values(bundle).filter((f): f is Chunk => f.type === 'chunk');
  const entry = closure(
    bundle,
    chunks.filter((c) => c.isEntry),
  );
  // The largest words of any language, and the largest page that the menu leads to.
  const languages = ['zh', 'en'].map((l) =>
    closure(
      bundle,
      chunks.filter((c) => c.facadeModuleId?.includes(`/words/${l}.po`)),
    ),
  );
  const pages = chunks.filter((c) => c.isDynamicEntry && c.facadeModuleId?.includes('/console/pages/'));
  const menu = pages.filter((c) => /\/index\.tsx$/.test(c.facadeModuleId ?? ''));
  const more = (of: Set<string>) =>
    weight(
      bundle,
      [...of].filter((name) => !entry.has(name)),
    );
  const first =
    weight(bundle, [...entry]) +
    Math.max(0, ...languages.map(more)) +
    Math.max(0, ...menu.map((c) => more(closure(bundle, [c]))));
  return [
    ['first page', first],
    ...pages.map((c): [string, number] => [`later ${c.fileName}`, more(closure(bundle, [c]))]),
  ];
}

/** The files of chunks and of all that they import at once. */
function closure(bundle: Bundle, chunks: Chunk[]): Set<string> {
  const files = new Set<string>();
  const add = (name: string) => {
    const file = bundle[name];
    if (file && !files.has(name)) {
      files.add(name);
      if (file.type === 'chunk') {
        file.imports.forEach(add);
      }
    }
  };
  for (const c of chunks) {
    add(c.fileName);
  }
  return files;
}

function weight(bundle: Bundle, names: string[]): number {
  let bytes = 0;
  for (const name of names) {
    const file = bundle[name];
    if (file?.fileName.endsWith('.js')) {
      bytes += gzipSync(file.type === 'chunk' ? file.code : file.source).length;
    }
  }
  return bytes / 1024;
}
