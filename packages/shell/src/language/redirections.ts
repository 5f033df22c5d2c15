import { parseArgumentValue } from './arguments.ts';
import type { Scanner } from './scanner.ts';
import type { Redirection } from './syntax-tree.ts';

/** `<` and what a shell has that begins so; `<#` is a comment. */
const INPUT = /<(?!#)(<|\(|&|>)?/uy;
const REDIRECTION = /([1-6*])?(?:(>>?)(?!&)|>&([12]))/uy;
const STREAMS: Record<string, Redirection['stream']> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, '*': '*' };

/** Reads `< file` of a command, if it stands here. */
export function readInput(scanner: Scanner): Redirection | undefined {
  const match = scanner.match(INPUT);
  if (match === undefined) return undefined;
  const from = scanner.at;
  if (match[1] !== undefined) {
    const message = `${match[0]} is not in this version: a here-string, @'…'@, or a file can be led through a pipe`;
    scanner.fail(message, from, { to: from + match[0].length });
  }
  scanner.take('operator', 1);
  return readTarget(scanner, { stream: 0, from, append: false });
}

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
  return readTarget(scanner, { stream, from, append: match[2] === '>>' });
}

function readTarget(
  scanner: Scanner,
  { stream, from, append }: Pick<Redirection, 'stream' | 'from'> & { append: boolean },
): Redirection {
  scanner.skipBlanks();
  scanner.expect({ kind: 'file', from: scanner.at });
  const file = parseArgumentValue(scanner);
  return { kind: 'redirection', stream, target: { file, append }, from, to: file.to };
}
