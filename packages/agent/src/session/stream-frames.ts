import { streamMark, type LogStream } from '@holdfast/protocol';

const LF = 0x0a;

/** Puts the streams of one command and what the terminal printed meanwhile behind each other, with marks between them. */
export class StreamFrames {
  readonly #commandId: string;
  #current: LogStream = 'x';

  constructor(commandId: string) {
    this.#commandId = commandId;
  }

  /** The mark to `stream`, if another one came last; `x` ends the command. */
  turn(stream: LogStream): Buffer {
    if (stream === this.#current) return Buffer.alloc(0);
    const mark = streamMark(this.#commandId, this.#current, stream);
    this.#current = stream;
    return Buffer.from(mark);
  }

  frame(stream: 'o' | 'e' | 't', bytes: Buffer): Buffer {
    return Buffer.concat([this.turn(stream), stream === 't' ? bytes : asOnTerminal(bytes)]);
  }
}

/** A carriage return before each end of line, as a terminal's driver puts it there: who takes one off has the bytes back. */
export function asOnTerminal(bytes: Buffer): Buffer {
  if (!bytes.includes(LF)) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
