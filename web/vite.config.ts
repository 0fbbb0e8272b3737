import { readFileSync } from 'node:fs';
import { lingui } from '@lingui/vite-plugin';
import { defineConfig, type Plugin } from 'vite';
import { type Budget, budget } from './budget.ts';
import { entries } from './entries.js';
import { sheets } from './sheets.ts';

const preact = [
  { find: /^react$/, replacement: 'preact/compat' },
  { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
  { find: /^react-dom$/, replacement: 'preact/compat' },
  { find: /^react\/jsx-(dev-)?runtime$/, replacement: 'preact/jsx-runtime' },
];

// Puts the script that chooses the theme into the page, as a file named by its
// content: it is no module, and runs before anything is drawn.
function first(): Plugin {
  const source = 'shared/look/first.js';
  let reference: string;
  return {
    name: 'first',
    apply: 'build',
    buildStart() {
      const code = readFileSync(new URL(source, import.meta.url), 'utf8');
      reference = this.emitFile({ type: 'asset', name: 'first.js', source: code });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const file = Object.values(bundle ?? {}).find((f) => f.type === 'asset' && f.names.includes('first.js'));
        if (!file || !reference || !html.includes(`/${source}`)) {
          throw new Error(`the page has no ${source}`);
        }
        return html.replace(`/${source}`, `/${file.fileName}`).replace(' vite-ignore', '');
      },
    },
  };
}

// The mode is an entry's name. Whatever else is served or tested has the inbox's.
function entryOf(mode: string) {
  const [inbox, ...others] = entries as unknown as [Entry, ...Entry[]];
  return others.find((e) => e.name === mode) ?? inbox;
}
interface Entry {
  name: string;
  page: string;
  preact: boolean;
  budget: Budget;
}

export default defineConfig(({ mode }) => ({
  plugins: [lingui(), first(), sheets(), budget(entryOf(mode).budget)],
  resolve: { alias: entryOf(mode).preact ? preact : [] },
  publicDir: mode === 'gallery' ? 'gallery/public' : 'public',
  server: {
    port: 5173,
    strictPort: true,
    proxy: mode === 'gallery' ? {} : { '/api': 'http://127.0.0.1:8080' },
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: false,
    assetsDir: 'assets/build',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000, // the budget counts
    rolldownOptions: {
      input: entryOf(mode).page,
      // 'use client' is for servers that render React.
      onLog: (level, log, tell) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && tell(level, log),
    },
  },
  worker: { format: 'es' as const },
  test: {
    // A file that needs a page says so in its first line: making one takes most of the time.
    environment: 'node',
    include: ['{inbox,oauth,setup,console,shared}/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
}));
