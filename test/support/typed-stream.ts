import { seededBytes } from './random.ts';

const POOL_BYTES = 4 * 1024 * 1024;
/** What one holder of the session typed: its place in the stream, and how much of it was confirmed when it lost the session. */
type Part = { start: number; given: number; confirmed: number | undefined };

/**
 * A random stream of input that several holders of a session type one after the other. What a holder had not confirmed
 * when the session was taken may have arrived up to any byte, but not with a gap, not twice, and not after the next
 * holder's first byte.
 */
export class TypedStream {
  readonly #pool: Buffer;
  readonly #parts: Part[] = [];
  #at = 0;

  constructor(seed: number) {
    this.#pool = seededBytes(seed, POOL_BYTES);
  }

  /** Bytes typed in all. */
  get given(): number {
    return this.#parts.reduce((sum, part) => sum + part.given, 0);
  }

  /** Another holder goes on, behind all that the one before typed. */
  begin(): void {
    this.#parts.push({ start: this.#at, given: 0, confirmed: undefined });
  }

  /** The next piece to type. */
  next(bytes: number): Buffer {
    const part = this.#parts.at(-1);
    if (part === undefined) throw new Error('Nobody holds the session');
    const piece = this.#slice(this.#at, bytes);
    this.#at += piece.length;
    part.given += piece.length;
    return piece;
  }

  /** The holder lost the session, and was shown so many bytes as unsent. */
  end(unsent: Uint8Array): string | undefined {
    const part = this.#parts.at(-1);
    if (part === undefined || part.confirmed !== undefined) return undefined;
    part.confirmed = part.given - unsent.length;
    const same = this.#common(part.start + part.confirmed, unsent.length, Buffer.from(unsent));
    return same === unsent.length ? undefined : 'What was shown as unsent is not the end of what was typed';
  }

  /**
   * Compares with what the program read: of each part what was confirmed and as much more as may have arrived. Where a part
   * ends is not known, so that every place is followed where it may.
   * @param isWhole false while more of what the last holder typed may come
   * @returns what is wrong with it
   */
  compare(read: Buffer, isWhole = true): string | undefined {
    let ends = new Set([0]);
    for (const [index, part] of this.#parts.entries()) {
      const last = index === this.#parts.length - 1;
      const confirmed = last && !isWhole ? 0 : (part.confirmed ?? part.given);
      const begins = ends;
      ends = new Set();
      let longest = 0;
      for (const at of begins) {
        const length = this.#common(part.start, part.given, read.subarray(at));
        longest = Math.max(longest, length);
        for (let most = confirmed; most <= length; most += 1) ends.add(at + most);
      }
      if (ends.size === 0) {
        const places = `${Math.min(...begins)} to ${Math.max(...begins)} of ${read.length}`;
        return `part ${index} of ${part.given} bytes: ${longest} of ${confirmed} confirmed are there, from byte ${places}`;
      }
    }
    return ends.has(read.length) ? undefined : `${read.length - Math.max(...ends)} bytes too many came in the end`;
  }

  #common(start: number, most: number, read: Buffer): number {
    let length = 0;
    while (length < most && length < read.length && this.#pool[(start + length) % POOL_BYTES] === read[length])
      length += 1;
    return length;
  }

  /** Up to `bytes` bytes of the endless stream; fewer at the pool's end. */
  #slice(at: number, bytes: number): Buffer {
    const from = at % POOL_BYTES;
    return this.#pool.subarray(from, Math.min(POOL_BYTES, from + bytes));
  }
}
