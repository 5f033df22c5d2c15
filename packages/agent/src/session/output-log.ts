import type { ByteSource } from '@holdfast/protocol';
import { unpooled } from '../unpooled.ts';
import { SegmentFiles } from './segment-files.ts';

const BLOCK_BYTES = 64 * 1024;
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** At most so many segments of one log, since each holds a descriptor. */
const SEGMENTS = 16;

/**
 * A session's output by absolute offset: the newest bytes in memory, the older ones in segment files. All of it is kept
 * until it exceeds `limitBytes`; then delivered bytes go, oldest first, and only when everything is undelivered does the
 * log call itself full, and the session's policy acts. append() takes bytes beyond that too.
 *
 * If the disk takes no more, delivered bytes go there, a file at a time, to make room for others. When that is not enough the
 * log goes on in memory, and is full when `memoryBytes` undelivered ones stand there, until the disk, which is tried again and
 * again, takes them.
 *
 * A closed log keeps what is not delivered.
 */
export class OutputLog implements ByteSource {
  readonly #segments: SegmentFiles;
  readonly #memoryBytes: number;
  readonly #limitBytes: number;
  readonly #diskRetryMs: number;
  readonly #onDisk: () => void;
  /** Consecutive, each written once from its beginning on and all but the last filled: slices of them stay as they are. */
  #blocks: Buffer[] = [];
  /** Offset of the first byte in memory. */
  #memoryStart = 0;
  #start = 0;
  #end = 0;
  #delivered = 0;
  #isClosed = false;
  #diskError: Error | undefined;
  #diskFailedAt = 0;
  /** Not tried before; 0 while the last try went well. */
  #diskRetryAt = 0;
  #diskTimer: NodeJS.Timeout | undefined;

  /**
   * @param options.folder ours alone (0700), for segment files
   * @param options.memoryBytes kept in memory, about
   * @param options.limitBytes kept in all
   * @param options.diskRetryMs after which the disk is tried again when it has failed
   * @param options.onDisk the disk takes no more, or does again (diskError), or there is room in memory
   */
  constructor(options: {
    folder: string;
    memoryBytes: number;
    limitBytes: number;
    diskRetryMs: number;
    onDisk?: () => void;
  }) {
    this.#memoryBytes = Math.max(options.memoryBytes, BLOCK_BYTES);
    this.#limitBytes = options.limitBytes;
    this.#diskRetryMs = options.diskRetryMs;
    this.#onDisk = options.onDisk ?? ((): void => undefined);
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
    const undelivered = this.#end - this.#delivered;
    if (undelivered >= this.#limitBytes) return true;
    return this.#hasTooMuch && undelivered > this.#memoryBytes;
  }

  /** Undelivered bytes that are kept while the disk does not work. */
  get memoryBytes(): number {
    return Math.min(this.#memoryBytes, this.#limitBytes);
  }

  /** Why the disk did not take bytes offered; undefined when it has worked for a while since. */
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
    if (performance.now() >= this.#diskRetryAt) this.#spill();
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

  /**
   * Discards the oldest `bytes` bytes, delivered or not (policy Drop), and returns their range. While the disk takes no more,
   * they are as many as give it room again.
   */
  dropOldest(bytes: number): { from: number; to: number } {
    const from = this.#start;
    const fileEnd = this.#diskError === undefined ? 0 : (this.#segments.firstEnd ?? 0);
    const to = Math.min(Math.max(from + bytes, fileEnd), this.#end);
    this.#delivered = Math.max(this.#delivered, to);
    this.#discardBelow(to);
    if (this.#diskError !== undefined) this.#spill();
    return { from, to };
  }

  /** There is no more to append: what is delivered goes at once from here on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const used = (this.#end - this.#memoryStart) % BLOCK_BYTES;
    const last = used === 0 ? undefined : this.#blocks.pop();
    if (last !== undefined) this.#blocks.push(unpooled(last.subarray(0, used)));
    this.#trim();
  }

  /** Removes the segment files and forgets everything. */
  dispose(): void {
    clearTimeout(this.#diskTimer);
    this.#segments.removeBelow(this.#end);
    this.#emptyMemory();
    this.#start = this.#end;
  }

  get #inMemory(): number {
    return this.#end - this.#memoryStart;
  }

  /** Only where the disk does not take it. */
  get #hasTooMuch(): boolean {
    return this.#inMemory > this.#memoryBytes;
  }

  #trim(): void {
    if (this.#isClosed) return this.#discardBelow(this.#delivered);
    const isMemoryDelivered = this.#hasTooMuch && this.#delivered >= this.#memoryStart;
    const keptBytes = isMemoryDelivered ? this.#memoryBytes : this.#limitBytes;
    const from = Math.min(this.#delivered, this.#end - keptBytes);
    if (from > this.#start) this.#discardBelow(from);
  }

  #discardBelow(offset: number): void {
    this.#start = Math.max(this.#start, offset);
    this.#segments.removeBelow(offset);
    if (this.#isClosed && offset >= this.#end) return this.#emptyMemory();
    const blocks = Math.floor((offset - this.#memoryStart) / BLOCK_BYTES);
    if (blocks <= 0) return;
    this.#blocks.splice(0, blocks);
    this.#memoryStart += blocks * BLOCK_BYTES;
  }

  #emptyMemory(): void {
    this.#blocks = [];
    this.#memoryStart = this.#end;
  }

  /** Moves the oldest blocks to disk while memory holds too much. */
  #spill(): void {
    while (this.#hasTooMuch && this.#writeOldest());
  }

  #writeOldest(): boolean {
    const [oldest] = this.#blocks;
    if (oldest === undefined || !this.#write(oldest)) return false;
    this.#blocks.shift();
    this.#memoryStart += BLOCK_BYTES;
    return true;
  }

  #write(block: Buffer): boolean {
    for (;;) {
      try {
        this.#segments.append(this.#memoryStart, block);
        this.#diskRetryAt = 0;
        return true;
      } catch (error) {
        this.#onDiskFailure(error);
        if (!this.#hasTooMuch || !this.#giveUpDelivered()) return false;
      }
    }
  }

  /** Removes the oldest file if all of it is delivered. */
  #giveUpDelivered(): boolean {
    const { firstEnd = 0 } = this.#segments;
    if (firstEnd <= this.#start || firstEnd > this.#delivered) return false;
    this.#discardBelow(firstEnd);
    return true;
  }

  #onDiskFailure(error: unknown): void {
    const isNew = this.#diskError === undefined;
    this.#diskError = error instanceof Error ? error : new Error(String(error));
    this.#diskFailedAt = performance.now();
    this.#diskRetryAt = this.#diskFailedAt + this.#diskRetryMs;
    this.#retryLater();
    if (isNew) this.#onDisk();
  }

  #retryLater(): void {
    this.#diskTimer ??= setTimeout(() => this.#retry(), this.#diskRetryMs).unref();
  }

  /** Not only when output comes: a program that waits for room writes nothing. */
  #retry(): void {
    this.#diskTimer = undefined;
    if (this.#diskRetryAt > 0 && this.#inMemory >= BLOCK_BYTES) this.#writeOldest();
    this.#spill();
    const works = this.#diskRetryAt === 0 && performance.now() - this.#diskFailedAt >= this.#diskRetryMs;
    if (works) this.#diskError = undefined;
    else this.#retryLater();
    this.#onDisk();
  }
}
