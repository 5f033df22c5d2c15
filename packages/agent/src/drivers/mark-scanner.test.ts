import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EchoFilter } from './echo-filter.ts';
import { MarkScanner } from './mark-scanner.ts';

const PREFIX = Buffer.from('\x1b]7337;0123456789abcdef;');

/** Text that is full of beginnings of marks, and of false ones. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '\x1b]',
        '\x1b]7337;',
        '\x1b]7337;0123456789abcdeX;E\x07',
        '\x07',
        PREFIX.toString().slice(0, -1),
      ),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''))
  // Two parts could make a mark that was not meant.
  .filter((joined) => !joined.includes(PREFIX.toString()));
const body = fc.string().map((value) => value.replaceAll('\x07', ''));
const stream = fc.array(fc.tuple(text, body), { maxLength: 8 });

/** Cuts `bytes` at the given places. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function scan(chunks: Buffer[]): { text: Buffer; marks: string[]; events: string } {
  const pieces: Buffer[] = [];
  const marks: string[] = [];
  let events = '';
  const scanner = new MarkScanner(PREFIX, {
    onText: (bytes) => {
      expect(bytes.length).toBeGreaterThan(0);
      pieces.push(bytes);
      events += bytes.toString('latin1');
    },
    onMark: (found) => {
      marks.push(found.toString());
      events += `<${found.toString('latin1')}>`;
    },
  });
  for (const chunk of chunks) scanner.push(chunk);
  scanner.flush();
  return { text: Buffer.concat(pieces), marks, events };
}

describe('MarkScanner', () => {
  test('finds every mark and passes every other byte, wherever the stream is cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (parts, places) => {
        // The end of a text and the mark after it could make an earlier mark together.
        const whole = parts.map(([before, inside]) => `${before}|${PREFIX.toString()}${inside}\x07`).join('');
        const bytes = Buffer.from(whole);
        const found = scan(cut(bytes, places));
        expect(found.marks).toEqual(parts.map(([, inside]) => inside));
        expect(found.text.toString()).toBe(parts.map(([before]) => `${before}|`).join(''));
        expect(found.events).toBe(scan([bytes]).events);
      }),
      { numRuns: 500 },
    );
  });

  test('finds a mark cut at each of its bytes', () => {
    const bytes = Buffer.concat([Buffer.from('a\x1b'), PREFIX, Buffer.from('E0\x07b')]);
    for (let place = 0; place <= bytes.length; place++) {
      expect(scan(cut(bytes, [place])).events).toBe('a\x1b<E0>b');
    }
  });

  test('holds nothing back but the beginning of a mark', () => {
    const got: string[] = [];
    const scanner = new MarkScanner(PREFIX, { onText: (bytes) => got.push(bytes.toString()), onMark: () => {} });
    scanner.push(Buffer.from('abc'));
    scanner.push(Buffer.from('d\x1b]73'));
    expect(got).toEqual(['abc', 'd']);
    scanner.push(Buffer.from('38;'));
    expect(got).toEqual(['abc', 'd', '\x1b]7338;']);
  });

  test('passes 200 MB in a second of CPU, plain or full of colours', () => {
    for (const line of ['0123456789'.repeat(8), '\x1b[31mred\x1b[0m and \x1b[1;32mgreen\x1b[0m ']) {
      const chunk = Buffer.from(line.repeat(Math.ceil(65_536 / line.length))).subarray(0, 65_536);
      let length = 0;
      const scanner = new MarkScanner(PREFIX, { onText: (bytes) => (length += bytes.length), onMark: () => {} });
      const start = process.cpuUsage();
      for (let count = 0; count < 1600; count++) scanner.push(chunk);
      scanner.flush();
      const { user, system } = process.cpuUsage(start);
      expect(length).toBe(1600 * 65_536);
      expect(length / (user + system)).toBeGreaterThan(200);
    }
  });
});

describe('EchoFilter', () => {
  test('leaves out the echoes in their order with their line end, wherever the stream is cut', () => {
    const noise = fc.array(fc.constantFrom(' ', '__hf', 'go', '\r\n', 'x')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(noise, noise, noise, fc.array(fc.nat()), (before, between, after, places) => {
        let got = '';
        const filter = new EchoFilter((bytes) => (got += bytes.toString()));
        filter.expect(Buffer.from(' __hf1'));
        filter.expect(Buffer.from(' __hf2'));
        const bytes = Buffer.from(`${before} __hf1\r\n${between}| __hf2\r\n${after}`);
        for (const chunk of cut(bytes, places)) filter.push(chunk);
        filter.expectNone();
        expect(got).toBe(`${before}${between}|${after}`);
      }),
    );
  });
});
