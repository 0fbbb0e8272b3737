import type { LinguiConfig } from '@lingui/conf';
import { entries } from './entries.js';

// Catalogs are written by hand under ids of our own; a test compares them with
// what the code asks for.
const config: LinguiConfig = {
  locales: ['en', 'zh'],
  sourceLocale: 'en',
  catalogs: ['shared', ...entries.map((e) => e.name)].map((dir) => ({
    path: `<rootDir>/${dir}/words/{locale}`,
    include: [],
  })),
  compileNamespace: 'es',
};

export default config;
