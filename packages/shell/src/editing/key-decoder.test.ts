import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Key, KeyDecoder } from './key-decoder.ts';
import { expectLinear } from '../testing/expect-linear.ts';

/** Decodes chunks one after the other; joins neighbouring text so that splits do not show. */
function decode(...chunks: (string | Buffer)[]): string[] {
  const decoder = new KeyDecoder();
  const keys: string[] = [];
  let text = '';
  const show = (key: Key): void => {
    if (key.type === 'text') {
      text += key.text;
      return;
    }
    if (text !== '') keys.push(`'${text}'`);
    text = '';
    keys.push(key.type === 'key' ? key.name : `paste:${key.text}`);
  };
  for (const chunk of chunks) {
    decoder.push(Buffer.from(chunk));
    for (let key = decoder.next(); key !== undefined; key = decoder.next()) show(key);
  }
  const rest = decoder.flush();
  if (rest !== undefined) show(rest);
  if (text !== '') keys.push(`'${text}'`);
  return keys;
}

test.each([
  ['abc', ["'abc'"]],
  [
    '\x01\x05\x02\x06\x0b\x15\x17\x19\x04\x08\x14\x0c\x1f',
    'C-a C-e C-b C-f C-k C-u C-w C-y C-d C-h C-t C-l C-_'.split(' '),
  ],
  ['\x7f\r\n\t', ['backspace', 'enter', 'enter', 'tab']],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
  ['\x1bOA\x1bOH\x1bOF', ['up', 'home', 'end']],
  ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[3~', ['home', 'end', 'home', 'end', 'home', 'end', 'delete']],
  ['\x1b[1;5C\x1b[1;5D\x1b[1;3C\x1bOc\x1bOd', ['C-right', 'C-left', 'M-right', 'C-right', 'C-left']],
  ['\x1bb\x1bf\x1bd\x1b\x7f\x1b.', ['M-b', 'M-f', 'M-d', 'M-backspace', 'M-.']],
  ['\x1b\x1b[D', ['M-left']],
  ['\x1b[97;5u\x1b[27;5;119~\x1b[13u', ['C-a', 'C-w', 'enter']],
  ['\x1b', ['escape']],
  ['\x1b]', ['M-]']],
  ['echo x\rls', ["'echo x'", 'enter', "'ls'"]],
])('KeyDecoder reads %j', (bytes, keys) => {
  expect(decode(bytes)).toEqual(keys);
});

test('KeyDecoder swallows answers of the terminal, mouse and focus reports', () => {
  const answers = [
    '\x1b[?1;2c',
    '\x1b[24;80R',
    '\x1b]11;rgb:0000/0000/0000\x1b\\',
    '\x1b]11;rgb:1/2/3\x07',
    '\x1b[<0;3;4M',
  ];
  answers.push('\x1b[M !!', '\x1b[I', '\x1b[O', '\x1bP>|tmux 3.3a\x1b\\', '\x1b[?2026;2$y');
  expect(decode(`a${answers.join('')}b`)).toEqual(["'ab'"]);
});

test('KeyDecoder takes a paste as one key, newlines in it and no control characters', () => {
  expect(decode('x\x1b[200~one\r\ntwo\rthree\x03\x1b[A\x1b[201~y')).toEqual(["'x'", 'paste:one\ntwo\nthree[A', "'y'"]);
});

test('KeyDecoder gives what follows an Enter back as bytes', () => {
  const decoder = new KeyDecoder();
  decoder.push(Buffer.from('a\rb\x1b[Ac'));
  expect(decoder.next()).toEqual({ type: 'text', text: 'a' });
  expect(decoder.next()).toEqual({ type: 'key', name: 'enter' });
  expect(decoder.takeRest().toString()).toBe('b\x1b[Ac');
  expect(decoder.next()).toBeUndefined();
});

test('KeyDecoder gives the same keys wherever the bytes are split', () => {
  const pieces = fc.constantFrom(
    'a',
    'é',
    '語',
    '👩‍👩‍👧',
    '\r',
    '\x01',
    '\x1b[A',
    '\x1b[1;5C',
    '\x1bOH',
    '\x1bb',
    '\x1b[200~p\nq\x1b[201~',
    '\x1b[?1;2c',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 8 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''));
      const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect(decode(...chunks)).toEqual(decode(bytes));
    }),
    { numRuns: 500 },
  );
});

test('KeyDecoder takes any bytes without throwing and comes to an end', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 }), (chunks) => {
      decode(...chunks.map((chunk) => Buffer.from(chunk)));
    }),
    { numRuns: 2000 },
  );
});

test('KeyDecoder reads a paste in small chunks in time in proportion to its length', () => {
  expectLinear((length) => {
    const bytes = Buffer.from(`\x1b[200~${'x'.repeat(length)}\x1b[201~`);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 4096) chunks.push(bytes.subarray(at, at + 4096));
    expect(decode(...chunks)[0]?.length).toBe(length + 6);
  }, 1024 * 1024);
});
