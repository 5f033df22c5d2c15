import { expect, test } from 'vitest';
import { wrapText } from './wrap-text.ts';

test.each<[string, string, string[]]>([
  ['at blanks', 'one two three four five six', ['one two three four', 'five six']],
  ['under the indent', '  one two three four five', ['  one two three four', '  five']],
  ['in syntax', 'Get-It [-Name] <Name> [-All]', ['Get-It', '    [-Name] <Name>', '    [-All]']],
  ['in a row of two columns', 'Ab  one two three four five', ['Ab  one two three', '    four five']],
  ['not in a word', 'see /a/path/that/is/longer/than/a/line now', ['see', '/a/path/that/is/longer/than/a/line', 'now']],
  ['not in what is to be typed', '> Get-Something -Name that', ['> Get-Something -Name that']],
  ['by cells', '漢字漢字 漢字漢字 漢字漢字', ['漢字漢字 漢字漢字', '漢字漢字']],
])('lines are broken %s', (_, text, lines) => {
  expect(wrapText(text, 20, true).split('\n')).toEqual(lines);
});

test('what fits, and what has no edge, stays as it is', () => {
  expect(wrapText('a  b\n   c', 20)).toBe('a  b\n   c');
  expect(wrapText('the name Job  is not known', 20)).toBe('the name Job  is not\nknown');
  expect(wrapText('word '.repeat(100), Infinity)).toBe('word '.repeat(100));
});
