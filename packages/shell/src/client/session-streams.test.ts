import { expect, test } from 'vitest';
import { StreamSplitter, type StreamPiece } from './session-streams.ts';

const ON = '\u001b]7433;e\u0007';
const OFF = '\u001b]7433;o\u0007';

function splitIn(text: string, size: number): { out: string; err: string } {
  const splitter = new StreamSplitter();
  const bytes = Buffer.from(text);
  const pieces: StreamPiece[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(...splitter.push(bytes.subarray(at, at + size)));
  pieces.push(...splitter.rest());
  const [out, err] = [false, true].map((isError) =>
    Buffer.concat(pieces.filter((piece) => piece.isError === isError).map((piece) => piece.bytes)).toString(),
  );
  return { out: out ?? '', err: err ?? '' };
}

test.each([1, 2, 3, 5, 7, 1000])('the streams come apart as they were, in pieces of %i bytes', (size) => {
  const terminal = `one\r\ntwo with no end${ON}fault: é\r\n${OFF}\r\n goes on\r\n${ON}last\r\n${OFF}\r\n\u001b[1mbold\u001b[0m\r\na\rb\r`;
  expect(splitIn(terminal, size)).toEqual({
    out: 'one\ntwo with no end goes on\n\u001b[1mbold\u001b[0m\na\rb\r',
    err: 'fault: é\nlast\n',
  });
});
