import type { Readable } from 'node:stream';

/**
 * Gives on each whole line of a stream, with its line feed. A line longer than `maxBytes` is left out: who writes it is
 * not to fill this process's memory.
 */
export function eachLine(stream: Readable, maxBytes: number, onLine: (line: string) => void): void {
  let begun = '';
  let isTooLong = false;
  stream.setEncoding('utf8').on('data', (text: string) => {
    const [rest = '', ...before] = text.split('\n').toReversed();
    for (const end of before.toReversed()) {
      if (!isTooLong && begun.length + end.length <= maxBytes) onLine(`${begun}${end}\n`);
      begun = '';
      isTooLong = false;
    }
    isTooLong ||= begun.length + rest.length > maxBytes;
    begun = isTooLong ? '' : begun + rest;
  });
}
