import { randomUUID } from 'node:crypto';
import { streamMark } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { RecordedText } from './recorded-text.ts';

/** What is recorded of `pieces`. */
function recorded(...pieces: Buffer[]): string {
  const text = new RecordedText();
  return pieces.map((piece) => text.add(piece)).join('') + text.end();
}

describe('the text of a recording', () => {
  test('is the same wherever output is cut, once and byte by byte', () => {
    const invalid = Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82, 0x41, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x0a, 0xc0, 0x80]);
    const bytes = Buffer.concat([
      Buffer.from('\ufeffaé€🚀👩\u200d💻\0\u2028'),
      invalid,
      Buffer.from('ü'),
      Buffer.from([0xf0, 0x9f]),
    ]);
    const whole = recorded(bytes);
    expect(whole).toBe('\ufeffaé€🚀👩\u200d💻\0\u2028��(�A����\n��ü�');
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(recorded(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(whole);
    expect(recorded(...Array.from(bytes, (byte) => Buffer.of(byte)))).toBe(whole);
  });

  test('is without our marks between streams, and with what only looks like them', () => {
    const mark = (from: 'x' | 'o', to: 'x' | 'o'): Buffer => Buffer.from(streamMark(randomUUID(), from, to));
    const own = Buffer.from('\u001b]7433;mine\u0007');
    expect(recorded(Buffer.concat([mark('x', 'o'), Buffer.from('é'), own, mark('o', 'x')]))).toBe(
      'é\u001b]7433;mine\u0007',
    );
  });
});
