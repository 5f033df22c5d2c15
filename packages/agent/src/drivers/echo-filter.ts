import { overlap } from './mark-scanner.ts';

const EMPTY = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;

/** Leaves out, once each and in order, the echoes of lines that a driver types. Other bytes pass untouched. */
export class EchoFilter {
  readonly #onText: (bytes: Buffer) => void;
  #expected: Buffer[] = [];
  #held: Buffer = EMPTY;
  /** Whether the line end of an echo may come next. */
  #lineEnd = false;

  constructor(onText: (bytes: Buffer) => void) {
    this.#onText = onText;
  }

  /** The echo of `line` is to come; its line end, if it is one, goes with it. */
  expect(line: Buffer): void {
    this.#expected.push(line);
  }

  /** What has not come by now will not come. */
  expectNone(): void {
    this.#expected = [];
    this.#lineEnd = false;
    this.flush();
  }

  push(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = EMPTY;
    if (this.#lineEnd) bytes = this.#skipLineEnd(bytes);
    for (let [echo] = this.#expected; echo !== undefined; [echo] = this.#expected) {
      const at = bytes.indexOf(echo);
      if (at < 0) {
        const kept = bytes.length - overlap(bytes, echo);
        this.#held = bytes.subarray(kept);
        this.#text(bytes.subarray(0, kept));
        return;
      }
      this.#expected.shift();
      this.#text(bytes.subarray(0, at));
      this.#lineEnd = true;
      bytes = this.#skipLineEnd(bytes.subarray(at + echo.length));
    }
    this.#text(bytes);
  }

  flush(): void {
    const held = this.#held;
    this.#held = EMPTY;
    this.#text(held);
  }

  #skipLineEnd(bytes: Buffer): Buffer {
    const start = bytes[0] === CR ? 1 : 0;
    if (bytes.length === start) return EMPTY;
    this.#lineEnd = false;
    return bytes.subarray(bytes[start] === LF ? start + 1 : start);
  }

  #text(bytes: Buffer): void {
    if (bytes.length > 0) this.#onText(bytes);
  }
}
