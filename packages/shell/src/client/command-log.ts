import { StreamSplitter, type StreamPiece } from './session-streams.ts';

/** A session's log shows a command as A, prompt, B, text, C, output, D with its status (OSC 133). */
// eslint-disable-next-line no-control-regex -- the marks are control sequences
const MARK = /\u001b\]133;([ABCD])(?:;(\d+))?\u0007/u;
// eslint-disable-next-line no-control-regex -- the marks are control sequences
const BEGINNING_OF_MARK = /\u001b(?:\](?:1(?:3(?:3(?:;(?:[ABCD](?:;\d*)?)?)?)?)?)?)?$/u;

/** What a command wrote, or the exit status with which it ended. */
export type LogPiece = StreamPiece | { readonly status: number };

/** Reads out of a session's log what commands wrote there; prompts and typed texts are left out. */
export class CommandLog {
  readonly #splitter: StreamSplitter;
  /** Undefined where the log was not read from its beginning, until the first mark tells. */
  #isOutput: boolean | undefined;
  #held = '';
  #undecided = '';

  /** @param isOutput whether a command's output is under way where the reading begins; undefined when that is not known */
  constructor(isOutput: boolean | undefined, splitter = new StreamSplitter()) {
    this.#isOutput = isOutput;
    this.#splitter = splitter;
  }

  push(bytes: Buffer): LogPiece[] {
    const pieces: LogPiece[] = [];
    let open = this.#held + bytes.toString('latin1');
    for (let match = MARK.exec(open); match !== null; match = MARK.exec(open)) {
      const [mark, letter, status] = match;
      this.#take(pieces, open.slice(0, match.index));
      this.#turn(pieces, letter === 'C', letter === 'D' ? Number(status ?? 0) : undefined);
      open = open.slice(match.index + mark.length);
    }
    const end = BEGINNING_OF_MARK.exec(open)?.index ?? open.length;
    this.#held = open.slice(end);
    this.#take(pieces, open.slice(0, end));
    return pieces;
  }

  /** There is no more to read for now. @param isRunning whether a command goes on, whose output no mark has ended */
  rest(isRunning: boolean): LogPiece[] {
    const pieces: LogPiece[] = [];
    if (this.#isOutput === undefined && isRunning) this.#decide(pieces);
    if (!isRunning) pieces.push(...this.#splitter.rest());
    return pieces;
  }

  #take(pieces: LogPiece[], text: string): void {
    if (this.#isOutput === true) pieces.push(...this.#splitter.push(Buffer.from(text, 'latin1')));
    else if (this.#isOutput === undefined) this.#undecided += text;
  }

  #turn(pieces: LogPiece[], isOutput: boolean, status: number | undefined): void {
    // An end without anything before it is that of a command whose output was read to its end.
    const isRead = this.#isOutput === undefined && this.#undecided === '';
    if (this.#isOutput === undefined && status !== undefined && !isRead) this.#decide(pieces);
    if (status !== undefined && this.#isOutput === true) pieces.push(...this.#splitter.rest(), { status });
    this.#isOutput = isOutput;
  }

  #decide(pieces: LogPiece[]): void {
    this.#isOutput = true;
    this.#take(pieces, this.#undecided);
    this.#undecided = '';
  }
}
