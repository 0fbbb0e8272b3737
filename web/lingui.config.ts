import type { LinguiConfig } from '@lingui/conf';

// Catalogs are written by hand under ids of our own; a test compares them with
// what the code asks for.
const config: LinguiConfig = {
  locales: ['en', 'zh'],
  sourceLocale: 'en',
  catalogs: [{ path: '<rootDir>/shared/words/{locale}', include: [] }],
  compileNamespace: 'es',
};

export default config;
