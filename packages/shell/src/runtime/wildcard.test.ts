import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasWildcard, matchesWildcard } from './wildcard.ts';
import { expectLinear } from '../testing/expect-linear.ts';

test.each([
  ['*', '', true],
  ['Backup*', 'backupjob04', true],
  ['*job*', 'BackupJob04', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['[a-c]x', 'Bx', true],
  ['[a-c]x', '-x', false],
  ['[xy]', 'z', false],
  ['a`*', 'a*', true],
  ['a`*', 'ab', false],
  ['a.c', 'abc', false],
  ['[', '[', true],
  ['plain', 'plain2', false],
])('matchesWildcard(%s, %s) is %s', (pattern, text, expected) => expect(matchesWildcard(pattern, text)).toBe(expected));

test('hasWildcard() sees what is not escaped', () => {
  expect(['a*', '?', '[ab]', 'a`*', '``*', 'plain'].map(hasWildcard)).toEqual([true, true, true, false, true, false]);
});

test('matchesWildcard() is quick on patterns that make backtracking explode', () => {
  expectLinear((length) => expect(matchesWildcard('*a'.repeat(60) + 'b', 'a'.repeat(length))).toBe(false), 5000);
});

test('matchesWildcard() matches any text with a star and with itself escaped', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(matchesWildcard('*', text)).toBe(true);
      expect(matchesWildcard(text.replaceAll(/[*?[\]`]/gu, '`$&'), text)).toBe(true);
    }),
  );
});
