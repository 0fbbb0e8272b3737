// Builds every entry into dist, from where the binary takes them: npm run build.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { entries } from './entries.js';

const dist = new URL('dist/', import.meta.url);

// What the last build left goes. The placeholder of a fresh clone stays.
for (const made of [...entries.flatMap((e) => [e.page, `${e.page}.gz`]), 'assets/build']) {
  rmSync(new URL(made, dist), { recursive: true, force: true });
}
for (const { name } of entries) {
  await build({ mode: name });
}

// All pages share one worker: at another address it would be another one, with
// connections of its own.
const workers = readdirSync(new URL('assets/build/', dist)).filter((name) => name.startsWith('worker-'));
if (workers.length !== 1) {
  throw new Error(`the pages have ${workers.length} shared workers: ${workers.join(', ')}`);
}

// Compressed here, once, so that a server starts without doing it.
const built = readdirSync(new URL('assets/build/', dist)).map((name) => `assets/build/${name}`);
for (const name of [...entries.map((e) => e.page), ...built]) {
  const plain = readFileSync(new URL(name, dist));
  const zipped = gzipSync(plain, { level: 9 });
  if (/\.(html|js|css|json|svg|txt)$/.test(name) && zipped.length < plain.length) {
    writeFileSync(new URL(`${name}.gz`, dist), zipped);
  }
}
