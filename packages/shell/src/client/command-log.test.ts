import { streamMark } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { CommandLog, type LogPiece } from './command-log.ts';

const ID = '6b1c7c5e-0d5f-4b1a-9c57-3b7a7c1d2e3f';
const OTHER = '11111111-2222-4333-8444-555555555555';
const mark = (content: string): string => `\u001b]133;${content}\u0007`;
const TYPED = `${mark('A')}~ $ ${mark('B')}ls\r\n${mark('C')}one\r\n\u001b[1mbold\u001b[0m\r\n${mark('D;3')}`;
/** Parts of what the command wrote look like the host's own marks. */
const FORGED = `${mark('D;9')}${streamMark(OTHER, 'o', 'x')}`;
const APART = [
  `${mark('A')}~ $ ${mark('B')}{ block }\r\n${mark('C')}`,
  streamMark(ID, 'x', 't'),
  `${streamMark(ID, 't', 'o')}a\r\n\r\r\n${FORGED}no end\r`,
  `${streamMark(ID, 'o', 'e')}bad\r\n`,
  `${streamMark(ID, 'e', 't')}asks:\r\n`,
  `${streamMark(ID, 't', 'o')}last`,
  `${streamMark(ID, 'o', 'x')}${mark('D;4')}`,
];
const WRITTEN = [`o: a\n\r\n${FORGED}no end\r`, 'e: bad\n', 't: asks:\r\n', 'o: last', 'status: 4'];

function read(log: CommandLog, text: string, size: number): string[] {
  const bytes = Buffer.from(text);
  const pieces: LogPiece[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(...log.push(bytes.subarray(at, at + size)));
  pieces.push(...log.rest(false));
  const texts: string[] = [];
  let last = '';
  for (const piece of pieces) {
    const kind = 'status' in piece ? 'status' : piece.kind;
    const content = 'status' in piece ? String(piece.status) : piece.bytes.toString();
    if (kind === last) texts[texts.length - 1] += content;
    else texts.push(`${kind}: ${content}`);
    last = kind;
  }
  return texts;
}

const TYPED_READ = ['o: one\n\u001b[1mbold\u001b[0m\n', 'status: 3'];

test.each([1, 4, 7, 1000])('only what commands wrote is read, in pieces of %i bytes', (size) => {
  const log = `welcome\r\n${TYPED}${APART.join('')}${TYPED}`;
  expect(read(new CommandLog('outside'), log, size)).toEqual([...TYPED_READ, ...WRITTEN, ...TYPED_READ]);
});

test.each([1, 4, 1000])('a log that is read from its middle says by its next mark what came before it', (size) => {
  expect(read(new CommandLog('unknown'), `tail\r\n${mark('D;0')}${TYPED}`, size)).toEqual([
    'o: tail\n',
    'status: 0',
    ...TYPED_READ,
  ]);
  expect(read(new CommandLog('unknown'), `~ $ typed${TYPED}`, size)).toEqual(TYPED_READ);
  expect(read(new CommandLog('unknown'), `${mark('D;1')}${TYPED}`, size)).toEqual(TYPED_READ);
  expect(read(new CommandLog('unknown'), APART.slice(1).join(''), size)).toEqual(WRITTEN);
  expect(read(new CommandLog('unknown'), `tail\r\n${APART.slice(4).join('')}`, size)).toEqual([
    'e: tail\n',
    ...WRITTEN.slice(2),
  ]);
});

test('what was discarded in between does not confuse the rest', () => {
  const log = new CommandLog('outside');
  expect(log.push(Buffer.from(APART.slice(0, 4).join('')))).not.toEqual([]);
  log.skip();
  expect(read(log, `${APART.join('')}`, 5)).toEqual(WRITTEN);
});

test('a running command whose beginning is not in the log gives all that is there', () => {
  const log = new CommandLog('unknown');
  expect(log.push(Buffer.from('one\r\n'))).toEqual([]);
  expect(log.rest(true)).toEqual([{ kind: 'o', bytes: Buffer.from('one\n') }]);
  expect(log.push(Buffer.from('two\r\n'))).toEqual([{ kind: 'o', bytes: Buffer.from('two\n') }]);
  expect(read(log, APART.slice(4).join(''), 9)).toEqual(WRITTEN.slice(2));
});
