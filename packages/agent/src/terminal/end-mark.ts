import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { unpooled } from '../unpooled.ts';

/** More than a PTY can hold; a mark not seen after so many bytes was torn by another writer. */
const TORN_AFTER_BYTES = 1024 * 1024;

/**
 * The end of a program's output. The slave is held open, so that nothing is cut off when the program exits; after its
 * exit an unguessable mark is written behind everything that it wrote, and whoever reads the mark has read it all.
 */
export class EndMark {
  readonly #slave: number;
  /** Digits and capitals: no output mode of a terminal changes them (OLCUC, ONLCR). */
  readonly #mark = unpooled(Buffer.from(randomBytes(24).toString('hex').toUpperCase()));
  #written = 0;
  #readSince = 0;
  #held: Buffer = Buffer.alloc(0);

  /** Opens the slave without making it the controlling terminal. Throws what open(2) throws. */
  constructor(slavePath: string) {
    this.#slave = openSync(slavePath, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  }

  /** Writes the mark, or what of it fits; false while the terminal is full, stopped or hung up. */
  write(): boolean {
    if (this.#readSince > TORN_AFTER_BYTES) {
      this.#written = 0;
      this.#readSince = 0;
    }
    while (this.#written < this.#mark.length) {
      try {
        this.#written += writeSync(this.#slave, this.#mark, this.#written);
      } catch {
        // EAGAIN while output is unread; EIO after a hang-up, when the reader meets the end by itself.
        return false;
      }
    }
    return true;
  }

  /** Output of the program within `chunk`, without the mark, and whether the mark was in it. */
  strip(chunk: Buffer): { output: Buffer; found: boolean } {
    const joined = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    if (this.#written === this.#mark.length) this.#readSince += chunk.length;
    const at = joined.indexOf(this.#mark);
    if (at >= 0) return { output: joined.subarray(0, at), found: true };
    const cut = joined.length - this.#beginningAtEnd(joined);
    this.#held = Buffer.from(joined.subarray(cut));
    return { output: joined.subarray(0, cut), found: false };
  }

  /** What strip() kept back because it looked like the beginning of the mark. */
  takeHeld(): Buffer {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }

  close(): void {
    closeSync(this.#slave);
  }

  #beginningAtEnd(bytes: Buffer): number {
    let length = Math.min(bytes.length, this.#mark.length - 1);
    while (length > 0 && !bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) length -= 1;
    return length;
  }
}
