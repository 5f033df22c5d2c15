import { unpooled } from '../unpooled.ts';

const EMPTY = Buffer.alloc(0);
const BELL = 0x07;

export type MarkListeners = {
  /** Bytes between marks, in order; slices of what was pushed where possible. */
  onText: (bytes: Buffer) => void;
  /** What stands between a mark's prefix and its BEL. */
  onMark: (body: Buffer) => void;
};

/**
 * Takes marks, `prefix` body BEL, out of a byte stream that is cut anywhere. Everything else passes untouched and at
 * once, but for an end of a chunk that may begin a mark.
 */
export class MarkScanner {
  readonly #prefix: Buffer;
  readonly #listeners: MarkListeners;
  /** The beginning of a mark: part of a prefix, or a whole one and part of a body. */
  #held: Buffer = EMPTY;

  constructor(prefix: Buffer, listeners: MarkListeners) {
    this.#prefix = unpooled(prefix);
    this.#listeners = listeners;
  }

  push(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = EMPTY;
    for (;;) {
      const start = bytes.indexOf(this.#prefix);
      if (start < 0) break;
      const end = bytes.indexOf(BELL, start + this.#prefix.length);
      this.#text(bytes.subarray(0, start));
      if (end < 0) {
        this.#held = bytes.subarray(start);
        return;
      }
      this.#listeners.onMark(bytes.subarray(start + this.#prefix.length, end));
      bytes = bytes.subarray(end + 1);
    }
    const kept = bytes.length - overlap(bytes, this.#prefix);
    this.#held = bytes.subarray(kept);
    this.#text(bytes.subarray(0, kept));
  }

  /** At the end of the stream: what was taken for the beginning of a mark is text, unless it has a whole prefix. */
  flush(): void {
    const held = this.#held;
    this.#held = EMPTY;
    if (held.length < this.#prefix.length) this.#text(held);
  }

  #text(bytes: Buffer): void {
    if (bytes.length > 0) this.#listeners.onText(bytes);
  }
}

/** Length of the longest end of `bytes` that begins `pattern` without being all of it. */
export function overlap(bytes: Buffer, pattern: Buffer): number {
  const first = pattern[0];
  if (first === undefined) return 0;
  let at = Math.max(0, bytes.length - pattern.length + 1);
  while ((at = bytes.indexOf(first, at)) >= 0) {
    const length = bytes.length - at;
    if (bytes.compare(pattern, 0, length, at) === 0) return length;
    at++;
  }
  return 0;
}
