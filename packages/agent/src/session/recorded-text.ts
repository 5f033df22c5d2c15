import { STREAM_MARK } from '@holdfast/protocol';

const MARK_BYTES = Buffer.from(STREAM_MARK);
/** As streamMark() makes them; nothing else of a program's output is left out. */
// eslint-disable-next-line no-control-regex -- marks are control sequences
const MARKS = /\u001b\]7433;[0-9a-f-]{36};[oetx]{2}\u0007/gu;

/** Turns a session's output into the text that is recorded of it, a piece at a time. */
export class RecordedText {
  // A byte order mark is output as any other character.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /**
   * @param bytes a piece as it goes into the log: our marks between streams are whole in it, and are left out
   * @returns its text, behind that of the pieces before: a character that is cut waits for its rest, U+FFFD stands for what
   *   is no UTF-8
   */
  add(bytes: Buffer): string {
    const shown = bytes.includes(MARK_BYTES) ? withoutMarks(bytes) : bytes;
    return this.#decoder.decode(shown, { stream: true });
  }

  /** What still waits for its rest, when there is no more. */
  end(): string {
    return this.#decoder.decode();
  }
}

function withoutMarks(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(MARKS, ''), 'latin1');
}
