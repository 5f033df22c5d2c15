import { MarkScanner } from '../../../packages/agent/src/drivers/mark-scanner.ts';
import type { Randomness } from '../randomness.ts';
import type { FuzzTarget } from '../target.ts';

const PREFIX = '\u001b]7337;secret;';

/** A shell's output with marks in it: cut or whole it gives the same text and marks, and together they are what came. */
export function makeTarget(random: Randomness): FuzzTarget {
  return {
    inputs: 'bytes',
    dictionary: [PREFIX, PREFIX.slice(0, 5), '\u0007', '\u001b', '\u001b]7337;', 'D;0'],
    maxBytes: 1024,
    seeds: [Buffer.from(`hello ${PREFIX}C\u0007 there \u001b[0m${PREFIX}D;0;/home\u0007$ `)],
    run(input) {
      const whole = scan([input]);
      const pieces: Buffer[] = [];
      for (let at = 0; at < input.length;) {
        const length = 1 + random.below(random.oneIn(2) ? 3 : 40);
        pieces.push(input.subarray(at, at + length));
        at += length;
      }
      const cut = scan(pieces);
      if (cut !== whole) throw new Error('Cut into pieces it is another text');
      if (!input.toString('latin1').startsWith(whole)) throw new Error('It is not what came');
      return JSON.stringify(whole)
        .replaceAll(/[^\\\];]+/g, '')
        .slice(0, 60);
    },
  };
}

/** Text and marks as they stood; a mark that has no end is left out, as at the end of a stream. */
function scan(chunks: readonly Buffer[]): string {
  let seen = '';
  const scanner = new MarkScanner(Buffer.from(PREFIX), {
    onText: (bytes) => (seen += bytes.toString('latin1')),
    onMark: (body) => (seen += `${PREFIX}${body.toString('latin1')}\u0007`),
  });
  for (const chunk of chunks) scanner.push(chunk);
  scanner.flush();
  return seen;
}
