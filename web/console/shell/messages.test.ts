import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

// What a message returns is awaited where a callback hands it on: the change would stay
// under way, and its button busy, until the message goes.
it('no change waits for the message that tells how it ended', () => {
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(?<!test)\.tsx?$/.test(path),
  );
  const waiting = sources.flatMap((path) =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .filter((line) => /on(Error|Success|Settled): .*=>(?! \{).*message\./.test(line) && !/=> void /.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(waiting).toEqual([]);
});
