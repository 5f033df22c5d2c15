import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectLinear } from '../testing/expect-linear.ts';
import { ReplayFilter } from './replay-filter.ts';

function filtered(...chunks: readonly string[]): string {
  const filter = new ReplayFilter();
  const shown = chunks.map((chunk) => filter.push(Buffer.from(chunk, 'latin1')));
  return Buffer.concat([...shown, filter.rest()]).toString('latin1');
}

const LONG = 'x'.repeat(10_000);
const DROPPED = [
  '\x07',
  '\x05',
  '\x1b]52;c;aGk=\x07',
  `\x1b]52;c;${LONG}\x1b\\`,
  '\x1b]52;c;?\x1b\\',
  '\x1b]9;hi\x07',
  '\x1b]99;i=1;hi\x1b\\',
  '\x1b]777;notify;a;b\x07',
  '\x1b]1337;Copy=:aGk=\x07',
  '\x1b]4;1;?\x07',
  '\x1b]10;?\x07',
  '\x1b]11;?\x1b\\',
  '\x1b[c',
  '\x1b[0c',
  '\x1b[>c',
  '\x1b[=c',
  '\x1b[5n',
  '\x1b[6n',
  '\x1b[?6n',
  '\x1b[>q',
  '\x1b[>0q',
  '\x1b[?2026$p',
  '\x1b[4$p',
  '\x1b[?u',
  '\x1b[?4m',
  '\x1b[14t',
  '\x1b[18t',
  '\x1b[21t',
  '\x1bZ',
  '\x1bP$qm\x1b\\',
  '\x1bP+q544e\x1b\\',
  '\x1b_Gi=1,a=q;AAAA\x1b\\',
];
const PASSED = [
  'text',
  Buffer.from('語').toString('latin1'),
  '\r\n',
  '\x1b[31m',
  '\x1b[?1049h',
  '\x1b[>1u',
  '\x1b[<u',
  '\x1b[>4;2m',
  '\x1b[2 q',
  '\x1b[1"q',
  '\x1b[22;0t',
  '\x1b[23;2t',
  '\x1b[!p',
  '\x1b(0',
  '\x1b7',
  '\x1b]0;what?\x07',
  '\x1b]8;;http://a/?q\x1b\\',
  '\x1b]11;#123\x07',
  '\x1b]133;A\x07',
  '\x1b]9;4;1;50\x07',
  `\x1bPq${LONG}\x1b\\`,
  '\x1bM',
];

describe('ReplayFilter', () => {
  test.each(DROPPED)('leaves out %j', (sequence) => {
    expect(filtered(`a${sequence}b`)).toBe('ab');
  });

  test.each(PASSED)('passes %j', (sequence) => {
    expect(filtered(`a${sequence}b`)).toBe(`a${sequence}b`);
  });

  test('does the same however the output is cut', () => {
    const piece = fc.oneof(fc.constantFrom(...DROPPED), fc.constantFrom(...PASSED));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 10 }), (pieces, places) => {
        const output = pieces.join('');
        const cuts = [
          0,
          ...places.map((place) => place % (output.length + 1)).toSorted((a, b) => a - b),
          output.length,
        ];
        const chunks = cuts.slice(1).map((end, at) => output.slice(cuts[at], end));
        expect(filtered(...chunks)).toBe(pieces.filter((one) => PASSED.includes(one)).join(''));
      }),
      { numRuns: 500 },
    );
  });

  test('gives what is open at the end as it is', () => {
    expect(filtered('a\x1b[6')).toBe('a\x1b[6');
    expect(filtered('a\x1b]52;c')).toBe('a\x1b]52;c');
  });

  test('takes time in proportion to the length', () => {
    expectLinear((length) => new ReplayFilter().push(Buffer.alloc(length, '\x1b[1mline\x1b[m\r\n')), 1024 * 1024);
  });
});
