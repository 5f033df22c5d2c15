import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findBlockEnd } from './block-end.ts';
import { parse } from './parser.ts';
import { expectLinear } from '../testing/expect-linear.ts';

/** The lines of a file up to the first `%%`, and the texts between the later ones. */
function readCases(name: string): string[] {
  const [lines = '', ...texts] = readFileSync(new URL(name, import.meta.url), 'utf8').split(/^%%\n/mu);
  return [...lines.split('\n').filter((line) => line !== ''), ...texts];
}

/** The text of the block that a command gets, between two other arguments. */
function blockText(text: string): string | undefined {
  const { script, errors } = parse(`Invoke-Command srv1 ${text} -AsJob`);
  if (errors[0] !== undefined) throw errors[0];
  const [statement] = script.statements;
  const [stage] = statement?.kind === 'pipeline' ? statement.stages : [];
  if (script.statements.length !== 1 || stage?.kind !== 'command') throw new Error('no single command');
  const [, block, after] = stage.elements;
  expect(stage.elements).toHaveLength(3);
  expect(after).toMatchObject({ kind: 'parameter', name: 'AsJob' });
  return block?.kind === 'script-block' ? block.text : undefined;
}

describe.each(['./block-end.shell.txt', './block-end.powershell.txt'])(
  'the blocks of %s come out byte for byte',
  (name) => {
    test.each(readCases(name))('%s', (text) => {
      // A comment goes to the end of its line, with a brace behind it.
      const end = /(?:^|[\s;])#.*$/u.test(text) ? '\n' : '';
      for (const block of [` ${text}${end} `, `${text}${end}`]) expect(blockText(`{${block}}`)).toBe(block);
    });
  },
);

describe('findBlockEnd()', () => {
  test('ends where several of these, in lines of one block, end', () => {
    const cases = ['./block-end.shell.txt', './block-end.powershell.txt'].flatMap(readCases);
    const lines = fc.array(fc.constantFrom(...cases), { minLength: 2, maxLength: 5 }).map((parts) => parts.join('\n'));
    fc.assert(
      fc.property(lines, fc.constantFrom('', ' }', " '}'", ' "'), (text, rest) => {
        expect(findBlockEnd(`{ ${text}\n}${rest}`)).toBe(text.length + 4);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    '{',
    '{ a',
    "{ 'a }",
    '{ "a }',
    '{ "$(a }',
    '{ ${a ',
    '{ # a }',
    '{ cat <<EOF\n}\n',
    "{ @'\n}",
    '{ a \\}',
    '{ a `}',
    '{ { }',
  ])('%s has no end', (text) => expect(findBlockEnd(text)).toBeUndefined());

  test('ends on any text, inside of it, and never throws', () => {
    const pieces = [
      'a',
      ' ',
      '\n',
      '{',
      '}',
      '(',
      ')',
      "'",
      '"',
      '`',
      '\\',
      '$',
      '${',
      '$(',
      '((',
      '))',
      '#',
      '<#',
      '#>',
    ];
    pieces.push('<<E', 'E', '@', 'case x in a', 'esac', ';', '<<<', "$'");
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (rest) => {
        const end = findBlockEnd(`{${rest}`);
        if (end !== undefined) expect(`{${rest}`.charAt(end - 1)).toBe('}');
      }),
      { numRuns: 5000 },
    );
  });

  test.each(['"$(', '{', '`c', '<#', '((', '"${', 'case x in ', "@'\n", '<<E\n', 'a "b" $c '])(
    'takes time in proportion to the length of many %s',
    (piece) => {
      expectLinear((count) => findBlockEnd(`{${piece.repeat(count)}`), 12_000);
    },
  );
});
