import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { layoutPrompt } from './prompt-layout.ts';
import { expectLinear } from '../testing/expect-linear.ts';

function show(text: string, cursor: number, columns: number, maxRows = 100): [string[], number, number] {
  const { rows, cursor: cell } = layoutPrompt({ prompt: '$ ', text, cursor }, columns, maxRows);
  return [rows.map((row) => row.map((span) => span.text).join('')), cell.x, cell.y];
}

test.each([
  ['ls', 2, 10, ['$ ls'], 4, 0],
  ['ls', 0, 10, ['$ ls'], 2, 0],
  ['abcdefgh', 8, 10, ['$ abcdefgh', ''], 0, 1],
  ['abcdefgh', 7, 10, ['$ abcdefgh'], 9, 0],
  ['abcdefghij', 8, 10, ['$ abcdefgh', 'ij'], 0, 1],
  ['abcdefg語', 8, 10, ['$ abcdefg', '語'], 2, 1],
  ['a\nb', 3, 10, ['$ a', '> b'], 3, 1],
  ['a\nb', 1, 10, ['$ a', '> b'], 3, 0],
  ['a\n', 2, 10, ['$ a', '> '], 2, 1],
  ['a\tb\x01', 4, 20, ['$ a     b^A'], 11, 0],
  ['e\u0301x', 2, 10, ['$ e\u0301x'], 3, 0],
] as const)('layoutPrompt() lays out %j with the cursor at %d in %d columns', (...example) => {
  const [text, cursor, columns, ...shown] = example;
  expect(show(text, cursor, columns)).toEqual(shown);
});

test('layoutPrompt() shows the rows around the cursor of a text that is higher than the screen', () => {
  const text = Array.from({ length: 50 }, (_, row) => `row${row}`).join('\n');
  const [rows, , y] = show(text, text.length, 20, 10);
  expect(rows).toHaveLength(10);
  expect(rows[y]).toBe('> row49');
  expect(show(text, 0, 20, 10)[0][0]).toBe('$ row0');
});

test('layoutPrompt() never makes a row wider than the terminal nor loses the cursor', () => {
  const unit = fc.constantFrom('a', ' ', '\n', '\t', '語', 'e\u0301', '👩‍👩‍👧', '\x01', '🇩🇪');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), fc.integer({ min: 4, max: 30 }), (text, columns) => {
      const { rows, cursor } = layoutPrompt({ prompt: '~> ', text, cursor: text.length }, columns, 1000);
      for (const row of rows) expect(stringWidth(row.map((span) => span.text).join(''))).toBeLessThanOrEqual(columns);
      expect(cursor.y).toBe(rows.length - 1);
      expect(cursor.x).toBeLessThan(columns);
    }),
    { numRuns: 500 },
  );
});

test('layoutPrompt() takes time in proportion to the length', () => {
  expectLinear((length) => show('x'.repeat(length), length, 80, 20), 65_536);
});

test('colours change neither rows nor cursor, and stand where they are said to', () => {
  const { rows } = layoutPrompt(
    {
      prompt: '$ ',
      text: "a -x 'long'",
      cursor: 3,
      tokens: [
        { from: 0, to: 1, kind: 'command' },
        { from: 5, to: 11, kind: 'string' },
      ],
    },
    10,
    10,
  );
  expect(rows).toEqual([
    [
      { kind: 'prompt', text: '$ ' },
      { kind: 'command', text: 'a' },
      { kind: 'text', text: ' -x ' },
      { kind: 'string', text: "'lo" },
    ],
    [{ kind: 'string', text: "ng'" }],
  ]);
  const unit = fc.constantFrom('a', ' ', '\n', '語', 'b');
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 40 }),
      fc.nat(40),
      fc.array(fc.nat(40), { maxLength: 8 }),
      (text, at, cuts) => {
        const cursor = Math.min(at, text.length);
        const edges = [...new Set(cuts)].toSorted((a, b) => a - b);
        const tokens = edges.flatMap((from, index) => {
          const to = edges[index + 1];
          return to === undefined || to > text.length ? [] : [{ from, to, kind: 'variable' as const }];
        });
        const plain = layoutPrompt({ prompt: '> ', text, cursor }, 9, 100);
        const coloured = layoutPrompt({ prompt: '> ', text, cursor, tokens }, 9, 100);
        const texts = (layout: typeof plain): string[] =>
          layout.rows.map((row) => row.map((span) => span.text).join(''));
        expect(texts(coloured)).toEqual(texts(plain));
        expect(coloured.cursor).toEqual(plain.cursor);
      },
    ),
    { numRuns: 500 },
  );
});
