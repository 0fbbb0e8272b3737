// Lets Ant Design and CodeMirror live under the page's policy, which allows no
// <style> in the page: what they would write into one becomes a sheet of
// document.adoptedStyleSheets.

import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const own = fileURLToPath(new URL('console/look/sheets.ts', import.meta.url));
const writers = /\/(@rc-component\/util\/es\/Dom\/dynamicCSS|@ant-design\/icons\/es\/cssUtils)\.js$/;
const styleMod = /\/style-mod\/src\/style-mod\.js$/;
const headOnly = '!root.head && root.adoptedStyleSheets'; // it adopts sheets in shadow roots alone

export function sheets(): Plugin {
  return {
    name: 'sheets',
    enforce: 'pre',
    load: {
      filter: { id: writers },
      handler: () => `export * from ${JSON.stringify(own)};`,
    },
    transform: {
      filter: { id: styleMod },
      handler(code) {
        if (!code.includes(headOnly)) {
          this.error('style-mod has changed: see how it adopts sheets now');
        }
        return { code: code.replace(headOnly, 'root.adoptedStyleSheets'), map: null };
      },
    },
  };
}
