import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const ends = ['onError', 'onSuccess', 'onSettled'];
const says = /\bmessage\.\w+\(/;

/** Where the end of a change hands on what a message returns. */
function waiting(source: string): string[] {
  if (!says.test(source)) {
    return [];
  }
  const file = ts.createSourceFile('a.tsx', source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const note = (node: ts.Node | undefined) => {
    if (node && !ts.isVoidExpression(node) && !ts.isBlock(node) && says.test(node.getText())) {
      found.push(node.getText().replace(/\s+/g, ' '));
    }
  };
  /** What a function hands on; functions inside it have their own. */
  const handsOn = (node: ts.Node) => {
    if (ts.isReturnStatement(node) || ts.isAwaitExpression(node)) {
      note(node.expression);
    } else if (!ts.isFunctionLike(node)) {
      ts.forEachChild(node, handsOn);
    }
  };
  const look = (node: ts.Node) => {
    const isEnd = (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) && ends.includes(node.name.getText());
    const does = ts.isPropertyAssignment(node) ? node.initializer : node;
    if (
      isEnd &&
      (ts.isArrowFunction(does) || ts.isFunctionExpression(does) || ts.isMethodDeclaration(does)) &&
      does.body
    ) {
      note(does.body);
      handsOn(does.body);
    }
    ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

// What a message returns is awaited where a callback hands it on: the change would stay
// under way, and its button busy, until the message goes.
describe('no change waits for the message that tells how it ended', () => {
  it('in the console', () => {
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /(?<!test)\.tsx?$/.test(path),
    );
    const found = sources.flatMap((path) =>
      waiting(readFileSync(join(root, path), 'utf8')).map((what) => `${path}: ${what}`),
    );
    expect(sources.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  it('however it is written', () => {
    for (const waits of [
      '(e) => message.error(e)',
      '(e) =>\n  message.error(e)',
      '(e) => { return message.error(e); }',
      'async (e) => { await message.error(e); }',
      'async (e) => { if (e) { await message.error(e); } }',
      'function (e) { return message.error(e); }',
      '(sent) => sent && message.success(sent)',
    ]) {
      expect(waiting(`useMutation({ onError: ${waits} })`), waits).toHaveLength(1);
    }
    expect(waiting('useMutation({ onError(e) { return message.error(e); } })')).toHaveLength(1);
    for (const goesOn of [
      '(e) => void message.error(e)',
      '(e) => { message.error(e); }',
      '(e) => { later(() => { return message.error(e); }); }',
      '(sent) => void (sent && message.success(sent))',
    ]) {
      expect(waiting(`useMutation({ onError: ${goesOn} })`), goesOn).toEqual([]);
    }
  });
});
