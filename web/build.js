// Builds every entry into dist, from where the binary takes them: npm run build.

import { rmSync } from 'node:fs';
import { build } from 'vite';
import { entries } from './entries.js';

// What the last build left goes. The placeholder of a fresh clone stays.
for (const made of [...entries.map((e) => e.page), 'assets/build']) {
  rmSync(new URL(`dist/${made}`, import.meta.url), { recursive: true, force: true });
}
for (const { name } of entries) {
  await build({ mode: name });
}
