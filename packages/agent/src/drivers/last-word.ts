const EMPTY = Buffer.alloc(0);
const EXIT = Buffer.from('exit\r\n');
const LF = 0x0a;
/** An exit follows its word within so long, or the word is a program's. */
const EXIT_MS = 250;

/** Leaves out the word "exit" that an interactive bash prints as its last line; a program's own passes, a little late. */
export class LastWord {
  readonly #onText: (bytes: Buffer) => void;
  #held: Buffer = EMPTY;
  #timer: NodeJS.Timeout | undefined;
  #atLineStart = true;

  constructor(onText: (bytes: Buffer) => void) {
    this.#onText = onText;
  }

  push(bytes: Buffer): void {
    this.flush();
    const start = bytes.length - EXIT.length;
    const begins = start === 0 ? this.#atLineStart : bytes[start - 1] === LF;
    this.#atLineStart = bytes.at(-1) === LF;
    if (start < 0 || !begins || EXIT.compare(bytes, start) !== 0) return this.#onText(bytes);
    if (start > 0) this.#onText(bytes.subarray(0, start));
    this.#held = bytes.subarray(start);
    this.#timer = setTimeout(() => this.flush(), EXIT_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = EMPTY;
    if (held.length > 0) this.#onText(held);
  }

  /** The shell has exited: what is held was its own. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#held = EMPTY;
  }
}
