import { expect, test } from 'vitest';
import { unfinished } from './unfinished.ts';

test.each([
  ['nothing of plain text', 'abc', ''],
  ['nothing of a complete sequence', 'a\x1b[31m', ''],
  ['an escape', 'a\x1b', '\x1b'],
  ['an opened sequence', 'a\x1b[31m\x1b[3;4', '\x1b[3;4'],
  ['a sequence with an intermediate byte', 'a\x1b(', '\x1b('],
  ['no control within a sequence, which was acted on', 'a\x1b\n[3\r\n1', '\x1b[31'],
  ['a string without its end', '\x1b]2;title', '\x1b]2;title'],
  ['nothing of a string that BEL ended', '\x1b]2;title\x07x', ''],
  ['nothing of a string that ST ended', '\x1bPq#0\x1b\\x', ''],
  ['a string with half of its ST', '\x1bPq#0\x1b', '\x1b'],
  ['a device control string that BEL does not end', '\x1bPq\x07', '\x1bPq\x07'],
  ['nothing of what CAN aborted', '\x1b[3\x18x', ''],
])('unfinished() finds %s', (_, text, expected) => {
  expect(unfinished(Buffer.from(text, 'latin1')).toString('latin1')).toBe(expected);
});

test('unfinished() finds the beginning of a character', () => {
  for (const character of ['é', '語', '👩']) {
    const bytes = Buffer.from(`a${character}`);
    for (let length = 1; length < bytes.length; length += 1) {
      expect(unfinished(bytes.subarray(0, length))).toEqual(bytes.subarray(1, length));
    }
    expect(unfinished(bytes)).toHaveLength(0);
  }
});

test('unfinished() keeps of an endless string only that it is one', () => {
  const endless = 'x'.repeat(100_000);
  expect(unfinished(Buffer.from(`\x1b]1337;File=${endless}`))).toEqual(Buffer.from('\x1b]99999;'));
  expect(unfinished(Buffer.from(`\x1bPq${endless}`))).toEqual(Buffer.from('\x1bX'));
});
