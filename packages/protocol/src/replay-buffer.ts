/** Bytes by absolute offset that a ChannelSender reads from: a session's output log, or a ReplayBuffer. */
export interface ByteSource {
  /** Offset of the first byte that is still kept. */
  readonly start: number;
  /** Offset behind the last byte. */
  readonly end: number;
  /** Up to `maxBytes` bytes from `offset` on; undefined where there are none. The result is not changed later. */
  readFrom(offset: number, maxBytes: number): Uint8Array | undefined;
}

/** Bytes kept in memory by position until the other side has acknowledged them. */
export class ReplayBuffer implements ByteSource {
  #chunks: { offset: number; bytes: Uint8Array }[] = [];
  #start: number;
  #end: number;

  /** @param from offset of the first byte that will be appended */
  constructor(from = 0) {
    this.#start = from;
    this.#end = from;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Bytes that wait for acknowledgement. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Keeps `bytes`, which the caller must not change, and returns the offset behind them. */
  append(bytes: Uint8Array): number {
    if (bytes.length > 0) this.#chunks.push({ offset: this.#end, bytes });
    this.#end += bytes.length;
    return this.#end;
  }

  /** Lets go of everything below `offset`. */
  acknowledge(offset: number): void {
    this.#start = Math.max(this.#start, Math.min(offset, this.#end));
    const keep = this.#chunks.findIndex((chunk) => chunk.offset + chunk.bytes.length > this.#start);
    this.#chunks = keep < 0 ? [] : keep === 0 ? this.#chunks : this.#chunks.slice(keep);
  }

  /** Forgets everything from `offset` on, which was never sent, and returns how many bytes that was. */
  truncate(offset: number): number {
    const end = Math.max(this.#start, Math.min(offset, this.#end));
    const dropped = this.#end - end;
    this.#chunks = this.#chunks
      .filter((chunk) => chunk.offset < end)
      .map(({ offset: at, bytes }) => ({ offset: at, bytes: bytes.subarray(0, end - at) }));
    this.#end = end;
    return dropped;
  }

  readFrom(offset: number, maxBytes: number): Uint8Array | undefined {
    if (offset < this.#start || offset >= this.#end) return undefined;
    const chunk = this.#chunks.findLast((candidate) => candidate.offset <= offset);
    return chunk?.bytes.subarray(offset - chunk.offset, offset - chunk.offset + maxBytes);
  }
}
