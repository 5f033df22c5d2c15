const NEWLINE = 0x0a;

/** Puts a label before each line of a stream of bytes, and writes whole lines only, so that those of several hosts do not mix. */
export class LinePrefixer {
  readonly #label: Buffer;
  readonly #write: (bytes: Buffer) => void | Promise<void>;
  #rest: Buffer[] = [];

  constructor(label: string, write: (bytes: Buffer) => void | Promise<void>) {
    this.#label = Buffer.from(label);
    this.#write = write;
  }

  /** @returns what `write` returns, when there was a line to write */
  add(bytes: Buffer): void | Promise<void> {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      if (bytes.length > 0) this.#rest.push(Buffer.from(bytes));
      return undefined;
    }
    const lines = Buffer.concat([...this.#rest, bytes.subarray(0, end)]);
    this.#rest = end < bytes.length ? [Buffer.from(bytes.subarray(end))] : [];
    return this.#write(this.#prefixed(lines));
  }

  /** Writes a last line that has no end. */
  end(): void | Promise<void> {
    if (this.#rest.length === 0) return undefined;
    const line = Buffer.concat([...this.#rest, Buffer.from('\n')]);
    this.#rest = [];
    return this.#write(this.#prefixed(line));
  }

  #prefixed(lines: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < lines.length;) {
      const end = lines.indexOf(NEWLINE, at) + 1;
      parts.push(this.#label, lines.subarray(at, end));
      at = end;
    }
    return Buffer.concat(parts);
  }
}
