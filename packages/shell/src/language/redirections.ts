import { parseArgumentValue } from './arguments.ts';
import type { Scanner } from './scanner.ts';
import type { Redirection } from './syntax-tree.ts';

const REDIRECTION = /([1-6*])?(?:(>>?)(?!&)|>&([12]))/uy;
const STREAMS: Record<string, Redirection['stream']> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, '*': '*' };

/** Reads `> file`, `2>> file`, `2>&1`, if one stands here. */
export function readRedirection(scanner: Scanner): Redirection | undefined {
  const match = scanner.match(REDIRECTION);
  if (match === undefined) return undefined;
  const from = scanner.at;
  const stream = STREAMS[match[1] ?? '1'] ?? 1;
  scanner.take('operator', match[0].length);
  if (match[2] === undefined) {
    if (match[3] === '2' || stream === 1)
      scanner.fail('Only to the output, with 2>&1 or *>&1, can a stream be led', from, { to: scanner.at });
    return { kind: 'redirection', stream, target: { stream: 1 }, from, to: scanner.at };
  }
  scanner.skipBlanks();
  scanner.expect({ kind: 'file', from: scanner.at });
  const file = parseArgumentValue(scanner);
  return { kind: 'redirection', stream, target: { file, append: match[2] === '>>' }, from, to: file.to };
}
