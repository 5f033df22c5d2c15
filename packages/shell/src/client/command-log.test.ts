import { expect, test } from 'vitest';
import { CommandLog, type LogPiece } from './command-log.ts';

const mark = (content: string): string => `\u001b]133;${content}\u0007`;
const COMMAND = `${mark('A')}~ $ ${mark('B')}ls\r\n${mark('C')}one\r\n\u001b]7433;e\u0007bad\r\n\u001b]7433;o\u0007\r\n${mark('D;3')}`;

function read(log: CommandLog, text: string, size: number): string[] {
  const bytes = Buffer.from(text);
  const pieces: LogPiece[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(...log.push(bytes.subarray(at, at + size)));
  pieces.push(...log.rest(false));
  const texts: string[] = [];
  let last = '';
  for (const piece of pieces) {
    const kind = 'status' in piece ? 'status' : piece.isError ? 'err' : 'out';
    const content = 'status' in piece ? String(piece.status) : piece.bytes.toString();
    if (kind === last) texts[texts.length - 1] += content;
    else texts.push(`${kind}: ${content}`);
    last = kind;
  }
  return texts;
}

test.each([1, 4, 1000])('only what commands wrote is read, in pieces of %i bytes', (size) => {
  const log = `welcome\r\n${COMMAND}${COMMAND.replace('one', 'two')}`;
  const first = ['out: one\n', 'err: bad\n', 'status: 3'];
  expect(read(new CommandLog(false), log, size)).toEqual([...first, 'out: two\n', 'err: bad\n', 'status: 3']);
});

test.each([1, 4, 1000])('a log that is read from its middle says by its first mark what came before it', (size) => {
  expect(read(new CommandLog(undefined), `tail\r\n${mark('D;0')}${COMMAND}`, size)).toEqual([
    'out: tail\n',
    'status: 0',
    'out: one\n',
    'err: bad\n',
    'status: 3',
  ]);
  expect(read(new CommandLog(undefined), `~ $ typed${COMMAND}`, size)[0]).toBe('out: one\n');
  expect(read(new CommandLog(undefined), `${mark('D;1')}${COMMAND}`, size)[0]).toBe('out: one\n');
});

test('a running command whose beginning is not in the log gives all that is there', () => {
  const log = new CommandLog(undefined);
  expect(log.push(Buffer.from('one\r\n'))).toEqual([]);
  expect(log.rest(true)).toEqual([{ isError: false, bytes: Buffer.from('one\n') }]);
  expect(log.push(Buffer.from('two\r\n'))).toEqual([{ isError: false, bytes: Buffer.from('two\n') }]);
});
