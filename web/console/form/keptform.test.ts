import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** What somebody types and nobody has to keep, and why. */
const notKept: Readonly<Record<string, string>> = {
  'pages/compose/check.tsx typed': 'the name of the organization is typed to show that one means it',
  'pages/templates/more.tsx name': 'the name of what is deleted is typed to show that one means it',
  'list/filters.tsx text': 'the address of the page has it',
  'people/picker.tsx q': 'a search of the moment',
  'shell/findfield.tsx text': 'a search of the moment',
};

/** States of a component that may hold a text: all but those that begin as a flag, a number, nothing, or what is no text. */
const texts = /const \[(\w+), set\w+\] = useState(?:<string>)?\((?!false|true|null|\d|\)|\(\) => \({)/g;

// A session may end while somebody types: useKeptForm keeps what they have typed, and
// so do the drafts of templates and notifications.
it('what is typed into a field outlives the session', () => {
  const found: string[] = [];
  let fields = 0;
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const text = path.endsWith('.tsx') ? readFileSync(join(root, path), 'utf8') : '';
    if (!text.includes('keepDraft(') && /<(Input|Input\.TextArea|textarea|input type="text")\s/.test(text)) {
      fields++;
      found.push(...[...text.matchAll(texts)].map(([, name]) => `${path} ${name}`));
    }
  }
  expect(fields).toBeGreaterThan(15);
  expect(found.toSorted()).toEqual(Object.keys(notKept).toSorted());
});
