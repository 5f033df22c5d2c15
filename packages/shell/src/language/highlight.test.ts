import { expect, test } from 'vitest';
import { tokensOf } from './highlight.ts';

test.each<[string, string[]]>([
  ['Get-X -Name web1 5', ['command Get-X', 'parameter -Name', 'number 5']],
  ['a "b $x c" \'d\'', ['command a', 'string "b ', 'variable $x', 'string  c"', "string 'd'"]],
  ['a | b # c', ['command a', 'operator |', 'command b', 'comment # c']],
  ['$x = 1 -eq 2', ['variable $x', 'operator =', 'number 1', 'operator -eq', 'number 2']],
  [
    'if ($x) { a { b "}" } }',
    [
      'keyword if',
      'operator (',
      'variable $x',
      'operator )',
      'operator {',
      'command a',
      'block { b "}" }',
      'operator }',
    ],
  ],
  ['a "b', ['command a', 'string "b']],
  ['a { b', ['command a', 'block { b']],
  ['"$(a "b")"', ['string "', 'operator $(', 'command a', 'string "b"', 'operator )', 'string "']],
  ['[int]$x::y', ['keyword [int]', 'variable $x', 'operator ::']],
  ["x'y' <# z #> @s", ["command x'y'", 'comment <# z #>', 'variable @s']],
])('tokensOf() colours %s', (text, tokens) => {
  expect(tokensOf(text).map(({ kind, from, to }) => `${kind} ${text.slice(from, to)}`)).toEqual(tokens);
});
