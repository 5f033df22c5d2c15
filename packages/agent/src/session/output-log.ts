import type { ByteSource } from '@holdfast/protocol';
import { SegmentFiles } from './segment-files.ts';

const BLOCK_BYTES = 64 * 1024;
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** At most so many segments of one log, since each holds a descriptor. */
const SEGMENTS = 16;
const DISK_RETRY_MS = 1000;

/**
 * A session's output by absolute offset: the newest bytes in memory, the older ones in segment files. All of it is kept
 * until it exceeds `limitBytes`; then delivered bytes go, oldest first, and only when everything is undelivered does the
 * log call itself full, and the session's policy acts. append() takes bytes beyond that too.
 *
 * If the disk takes no more, the log goes on in memory with `memoryBytes` as its limit, until the disk works again.
 */
export class OutputLog implements ByteSource {
  readonly #segments: SegmentFiles;
  readonly #memoryBytes: number;
  readonly #limitBytes: number;
  readonly #diskRetryMs: number;
  /** Consecutive, each written once from its beginning on and all but the last filled: slices of them stay as they are. */
  #blocks: Buffer[] = [];
  /** Offset of the first byte in memory. */
  #memoryStart = 0;
  #start = 0;
  #end = 0;
  #delivered = 0;
  #diskError: Error | undefined;
  #diskRetryAt = 0;

  /**
   * @param options.folder ours alone (0700), for segment files
   * @param options.memoryBytes kept in memory, about
   * @param options.limitBytes kept in all
   * @param options.diskRetryMs after which the disk is tried again when it has failed
   */
  constructor(options: { folder: string; memoryBytes: number; limitBytes: number; diskRetryMs?: number }) {
    this.#memoryBytes = options.memoryBytes;
    this.#limitBytes = options.limitBytes;
    this.#diskRetryMs = options.diskRetryMs ?? DISK_RETRY_MS;
    const segmentBytes = Math.max(SEGMENT_BYTES, Math.ceil(options.limitBytes / SEGMENTS));
    this.#segments = new SegmentFiles(options.folder, segmentBytes);
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Offset up to which the output was acknowledged, or given up by dropOldest(). */
  get delivered(): number {
    return this.#delivered;
  }

  /** Whether undelivered output has reached the limit. */
  get full(): boolean {
    return this.#end - this.#delivered >= this.#limit;
  }

  /** Why the disk did not take the last bytes offered; undefined while it works. */
  get diskError(): Error | undefined {
    return this.#diskError;
  }

  /** Adds a copy of `bytes` at the end. Never throws. */
  append(bytes: Buffer): void {
    let taken = 0;
    while (taken < bytes.length) {
      const used = (this.#end - this.#memoryStart) % BLOCK_BYTES;
      if (used === 0) this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
      const piece = bytes.subarray(taken, taken + BLOCK_BYTES - used);
      this.#blocks.at(-1)?.set(piece, used);
      taken += piece.length;
      this.#end += piece.length;
    }
    this.#spill();
    this.#trim();
  }

  /** A slice of memory, or a piece read from disk. Throws if the disk does not give back what it took. */
  readFrom(offset: number, maxBytes: number): Uint8Array | undefined {
    if (offset < this.#start || offset >= this.#end) return undefined;
    if (offset < this.#memoryStart) {
      return this.#segments.readFrom(offset, Math.min(maxBytes, this.#memoryStart - offset));
    }
    const at = offset - this.#memoryStart;
    const block = this.#blocks[Math.floor(at / BLOCK_BYTES)];
    const from = at % BLOCK_BYTES;
    return block?.subarray(from, Math.min(from + maxBytes, from + this.#end - offset));
  }

  /** Marks all below `offset` as acknowledged: it may go once the log exceeds its limit. */
  deliver(offset: number): void {
    this.#delivered = Math.max(this.#delivered, Math.min(offset, this.#end));
    this.#trim();
  }

  /** Discards the oldest `bytes` bytes, delivered or not (policy Drop), and returns their range. */
  dropOldest(bytes: number): { from: number; to: number } {
    const from = this.#start;
    const to = Math.min(from + bytes, this.#end);
    this.#delivered = Math.max(this.#delivered, to);
    this.#discardBelow(to);
    return { from, to };
  }

  /** Removes the segment files and forgets everything. */
  dispose(): void {
    this.#segments.removeBelow(this.#end);
    this.#blocks = [];
    this.#memoryStart = this.#end;
    this.#start = this.#end;
  }

  get #limit(): number {
    return this.#diskError === undefined ? this.#limitBytes : Math.min(this.#memoryBytes, this.#limitBytes);
  }

  #trim(): void {
    const from = Math.min(this.#delivered, this.#end - this.#limit);
    if (from > this.#start) this.#discardBelow(from);
  }

  #discardBelow(offset: number): void {
    this.#start = offset;
    this.#segments.removeBelow(offset);
    const blocks = Math.floor((offset - this.#memoryStart) / BLOCK_BYTES);
    if (blocks <= 0) return;
    this.#blocks.splice(0, blocks);
    this.#memoryStart += blocks * BLOCK_BYTES;
  }

  /** Moves the oldest blocks to disk while memory holds too much. */
  #spill(): void {
    if (this.#diskError !== undefined && performance.now() < this.#diskRetryAt) return;
    while (this.#end - this.#memoryStart > Math.max(this.#memoryBytes, BLOCK_BYTES)) {
      const [oldest] = this.#blocks;
      if (oldest === undefined || !this.#write(oldest)) return;
      this.#blocks.shift();
      this.#memoryStart += BLOCK_BYTES;
    }
  }

  #write(block: Buffer): boolean {
    try {
      this.#segments.append(this.#memoryStart, block);
      this.#diskError = undefined;
      return true;
    } catch (error) {
      this.#diskError = error instanceof Error ? error : new Error(String(error));
      this.#diskRetryAt = performance.now() + this.#diskRetryMs;
      return false;
    }
  }
}
