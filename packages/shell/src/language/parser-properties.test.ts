import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextAt } from './context.ts';
import { tokensOf } from './highlight.ts';
import { parse } from './parser.ts';
import { print } from './printer.ts';
import { withoutSpans } from './show-tree.ts';
import type { Span } from './syntax-tree.ts';
import { expectLinear } from '../testing/expect-linear.ts';

const PIECES = [
  ...'a -x -x: : ` \' " “ ’ – $ $x $true ${ } ${a} , ; | || & && # <# #> -- 1 .5 0x 10MB ( ) $( @( @{ { [ ] [int] ::'.split(
    ' ',
  ),
  ...'. .. = += ??= == == + ++ * / % ?? ? ! -eq -not -f -is -split > >> 2> 2>&1 < @ @x if else elseif foreach in'.split(
    ' ',
  ),
  ...'while function return exit throw break continue param try for do until done; then fi; case select switch -wildcard default catch finally \\ \0 😀 \uD800'.split(
    ' ',
  ),
].concat([' ', ' ', ' ', '\n', '\r\n', '\t', "@'\n", "\n'@", '@"\n', '\n"@', '`\n']);

const text = fc.oneof(
  fc.string({ maxLength: 60, unit: 'binary' }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((parts) => parts.join(' ')),
);

/** Every node's span, with that of the node it is in. */
function* spans(tree: unknown, outer: Span): Generator<{ inner: Span; outer: Span }> {
  if (typeof tree !== 'object' || tree === null) return;
  const isSpan = 'from' in tree && 'to' in tree && typeof tree.from === 'number' && typeof tree.to === 'number';
  const inner = isSpan ? (tree as Span) : outer;
  if (isSpan) yield { inner, outer };
  for (const value of Object.values(tree)) yield* spans(value, inner);
}

describe('on any text', () => {
  test('parse() ends, throws nothing, and a node stands inside of the one that holds it', () => {
    fc.assert(
      fc.property(text, (input) => {
        const { script, errors } = parse(input);
        const all = { from: 0, to: input.length };
        expect(errors.length).toBeLessThanOrEqual(1);
        for (const { inner, outer } of spans([script, errors.map(({ span }) => span)], all)) {
          expect(inner.from).toBeGreaterThanOrEqual(outer.from);
          expect(inner.from).toBeLessThanOrEqual(inner.to);
          expect(inner.to).toBeLessThanOrEqual(outer.to);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('what was understood is printed as a text with the same tree', () => {
    fc.assert(
      fc.property(text, (input) => {
        const { script } = parse(input);
        const printed = print(script);
        expect(withoutSpans(parse(printed)), printed).toEqual(withoutSpans({ script, errors: [] }));
      }),
      { numRuns: 5000 },
    );
  });

  test('tokensOf() gives tokens in order', () => {
    fc.assert(
      fc.property(text, (input) => {
        let last = 0;
        for (const { from, to } of tokensOf(input)) {
          expect(from).toBeGreaterThanOrEqual(last);
          expect(to).toBeGreaterThan(from);
          last = to;
        }
        expect(last).toBeLessThanOrEqual(input.length);
      }),
      { numRuns: 5000 },
    );
  });

  test('contextAt() tells of what stands before the cursor', () => {
    fc.assert(
      fc.property(text, fc.nat(60), (input, place) => {
        const cursor = Math.min(place, input.length);
        const context = contextAt(input, cursor);
        if (context !== undefined) expect(input.slice(context.from, cursor)).toBe(context.text);
      }),
      { numRuns: 5000 },
    );
  });

  test('parse() gives back every value that was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const quoted = `'${value.replaceAll(/['\u2018\u2019\u201a\u201b]/gu, '$&$&')}'`;
        const { script, errors } = parse(`a ${quoted}`);
        expect(errors).toEqual([]);
        const [statement] = script.statements;
        const [stage] = statement?.kind === 'pipeline' ? statement.stages : [];
        expect(stage?.kind === 'command' && stage.elements[0]).toMatchObject({ kind: 'string', value });
      }),
    );
  });
});

describe('parse() takes time in proportion to the length of many', () => {
  test.each([
    'a "b`n" -c:d,e ',
    'a { b "}" } ',
    'a; ',
    'a | ',
    '$x.y[0] ',
    '$x + ',
    '(',
    '{',
    '$(',
    '"$(',
    '@{ a = ',
    '!',
    '- ',
    '[int]',
    ',',
    '$a = ',
    '.a',
    'if (a) { b } else { c }\n',
    'if (a) { ',
    'try { a } catch { ',
    'while a; do b; done | ',
    'while a; do ',
    '(a; b) | ',
    '(a ; ',
    '{ a; } | ',
    '{ a; ',
    '! a\n',
    'try { a } catch { b }\n',
    'switch (a) { b { ',
    'switch (a) { b { c } }\n',
    'do { ',
    'for (;;) { ',
    '<#',
    '# a\n',
    '\n',
    '`\n',
    "@'\na\n'@\n",
    '@"\n$x\n"@\n',
    'a`',
    "'",
    '"',
    '$',
    'case ',
    'a && ',
    'workflow a ',
    '[a',
    '1',
    '$x -',
  ])('%s', (piece) => {
    expectLinear((count) => parse(piece.repeat(count)), 5000);
    expectLinear((count) => parse(`$x${piece.repeat(count)}`), 5000);
    expectLinear((count) => parse(`a { ${piece.repeat(count)}`), 5000);
  });
});
