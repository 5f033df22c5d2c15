import { RemotingError } from './errors.ts';

/** The next expected byte of one direction of a channel: duplicates fall away by arithmetic, a gap is an error. */
export class ReceiveCursor {
  #next: number;

  constructor(next = 0) {
    this.#next = next;
  }

  /** Offset of the next new byte. */
  get next(): number {
    return this.#next;
  }

  /** Goes on at another offset, after a snapshot that stands for everything before it. */
  jump(offset: number): void {
    this.#next = offset;
  }

  /**
   * @returns the bytes of `payload` (which begins at `offset`) that are new; empty for a pure duplicate
   * @throws RemotingError ProtocolViolation when bytes before `offset` are missing
   */
  accept(offset: number, payload: Buffer): Buffer {
    if (offset > this.#next) {
      throw new RemotingError('ProtocolViolation', `Bytes ${this.#next} to ${offset} are missing`);
    }
    const fresh = payload.subarray(Math.min(payload.length, this.#next - offset));
    this.#next += fresh.length;
    return fresh;
  }
}
