import { expect, test } from 'vitest';
import { pendingLine } from './pending-line.ts';

const line = (text: string | Buffer, columns = 80, echoes = true): string =>
  pendingLine({ unsentInput: Buffer.from(text), echo: { echoes } }, columns);

test('shows what was typed, with its control characters', () => {
  expect(line('make world\r')).toBe('make world^M');
  expect(line('\x1b[A\x03\x7f\u009b\u202e\u2028é')).toBe('^[[A^C^?<9b><202e><2028>é');
  expect(line(Buffer.from([0x61, 0xff]))).toBe('a\u{fffd}');
});

test('shows the end of what is too wide, in cells', () => {
  expect(line('0123456789', 10)).toBe('0123456789');
  expect(line('0123456789a', 10)).toBe('…23456789a');
  expect(line('漢字漢字漢字', 8)).toBe('…字漢字');
  expect(line('abc\r', 3)).toBe('…^M');
  expect(line('x'.repeat(2_000_000), 5)).toBe('…xxxx');
});

test('gives only the number of keys where the terminal would not show them', () => {
  expect(line('s3cret\r', 80, false)).toBe('7 keys');
  expect(line('s', 80, false)).toBe('1 key');
  expect(line('', 80, false)).toBe('');
  expect(line('')).toBe('');
});
