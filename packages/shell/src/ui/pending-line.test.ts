import { expect, test } from 'vitest';
import { lostLines, pendingLine } from './pending-line.ts';

const line = (text: string | Buffer, columns = 80, echoes = true): string =>
  pendingLine({ unsentLines: [], unsentInput: Buffer.from(text), echo: { echoes } }, columns);

const lost = (unsentLines: string[], keys: string, { columns = 80, echoes = true } = {}): string =>
  lostLines('Not sent', { unsentLines, unsentInput: Buffer.from(keys), echo: { echoes } }, columns);

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

test('shows lines that were entered at the prompt before what was typed behind them', () => {
  const pending = { unsentLines: ['make'], unsentInput: Buffer.from('ls\r') };
  expect(pendingLine({ ...pending, echo: { echoes: true } }, 80)).toBe('make^Mls^M');
  expect(pendingLine({ ...pending, echo: { echoes: false } }, 80)).toBe('make^M 3 keys');
});

test('names each line that is lost, or only the number of its keys', () => {
  expect(lost([], '')).toBe('');
  expect(lost([], '\r\r')).toBe('');
  expect(lost(['make'], '')).toBe('Not sent: make\n');
  expect(lost(['make\u202e'], 'ls\r\r\npw\x1b')).toBe('Not sent:\n  make<202e>\n  ls\n  pw^[\n');
  expect(lost(['if x\nthen y'], 's3cret\r', { echoes: false })).toBe('Not sent:\n  if x\n  then y\n  7 keys\n');
});

test('names ten lines, each as wide as the screen', () => {
  const lines = Array.from({ length: 12 }, (_, line) => `line ${line}`);
  const rows = lines.slice(0, 10).map((line) => `  ${line}\n`);
  expect(lost(lines, '')).toBe(`Not sent:\n${rows.join('')}  … and 2 more lines\n`);
  expect(lost(lines.slice(0, 11), '')).toBe(`Not sent:\n${rows.join('')}  … and 1 more line\n`);
  expect(lost(['漢字漢字'], '', { columns: 16 })).toBe('Not sent: 漢字…\n');
  expect(lost(['x'.repeat(3_000_000)], 'y\r', { columns: 8 })).toBe('Not sent:\n  xxxxx…\n  y\n');
});
