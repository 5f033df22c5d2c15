import { writeSync } from 'node:fs';

/** The kernel's line discipline holds 4 KiB; more at once only lengthens the stop of our loop. */
const CHUNK_BYTES = 4096;
/** Written in one go before other work gets its turn. */
const TURN_BYTES = 64 * 1024;
const LONGEST_WAIT_MS = 50;

/**
 * Input for a program on a PTY. Non-blocking writes with a timer between attempts: a program that does not read
 * neither spins a core nor stops the loop. Writes are synchronous, so that none can be under way when the descriptor
 * is closed and its number given to another session.
 */
export class InputQueue {
  readonly #fd: number;
  readonly #onWritten: (total: number) => void;
  #chunks: { bytes: Uint8Array; by: string | undefined }[] = [];
  #urgent: Uint8Array | undefined;
  /** How much of the first chunk is written. */
  #offset = 0;
  #length = 0;
  #written = 0;
  #closed = false;
  #waitMs = 1;
  #timer: NodeJS.Timeout | undefined;

  constructor(fd: number, onWritten: (total: number) => void) {
    this.#fd = fd;
    this.#onWritten = onWritten;
  }

  /** Bytes that the kernel has not taken yet. */
  get length(): number {
    return this.#length;
  }

  /** Whether the kernel refused the last write: the program does not read. */
  get blocked(): boolean {
    return this.#timer !== undefined && this.#waitMs > 1;
  }

  /** Appends `bytes`, which the caller must not change; `by` says whose they are. */
  push(bytes: Uint8Array, by?: string): void {
    if (this.#closed || bytes.length === 0) return;
    this.#chunks.push({ bytes, by });
    this.#length += bytes.length;
    if (this.#timer === undefined) this.#pump();
  }

  /** Writes one byte ahead of the queue; false if the kernel does not take it now. Not counted as input. */
  writeNow(byte: Uint8Array): boolean {
    return !this.#closed && !this.blocked && this.#write(byte) > 0;
  }

  /** Writes one byte ahead of the queue as soon as the kernel takes it. Not counted, not forgotten by drop(). */
  writeFirst(byte: Uint8Array): void {
    if (this.#closed) return;
    this.#urgent = byte;
    if (this.#timer === undefined) this.#pump();
  }

  /** Forgets what is not written and says how many bytes that was. */
  drop(): number {
    const dropped = this.#length;
    this.#chunks = [];
    this.#offset = 0;
    this.#length = 0;
    return dropped;
  }

  /** The same for what came `by` somebody. */
  dropOf(by: string): number {
    const [first] = this.#chunks;
    const dropped = this.#chunks.filter((chunk) => chunk.by === by).reduce((sum, { bytes }) => sum + bytes.length, 0);
    const begun = first?.by === by ? this.#offset : 0;
    if (first?.by === by) this.#offset = 0;
    this.#chunks = this.#chunks.filter((chunk) => chunk.by !== by);
    this.#length -= dropped - begun;
    return dropped - begun;
  }

  /** Must precede the closing of the descriptor. */
  close(): void {
    this.#closed = true;
    this.drop();
    this.#urgent = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #pump(): void {
    this.#timer = undefined;
    const before = this.#written;
    let count = this.#writeUrgent();
    while (count > 0 && this.#length > 0 && this.#written - before < TURN_BYTES) count = this.#writeFirst();
    if (this.#closed) return;
    if (this.#written > before) this.#waitMs = 1;
    if (count === 0) {
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
      this.#timer = setTimeout(() => this.#pump(), this.#waitMs);
    } else if (this.#length > 0) {
      this.#timer = setTimeout(() => this.#pump(), 0);
    }
    if (this.#written > before) this.#onWritten(this.#written);
  }

  /** 0 if the kernel does not take the urgent byte, else 1. */
  #writeUrgent(): number {
    if (this.#urgent === undefined) return 1;
    const count = this.#write(this.#urgent);
    if (count > 0) this.#urgent = undefined;
    return count;
  }

  #writeFirst(): number {
    const [first] = this.#chunks;
    if (first === undefined) return 0;
    const count = this.#write(first.bytes.subarray(this.#offset, this.#offset + CHUNK_BYTES));
    this.#offset += count;
    this.#length -= count;
    this.#written += count;
    if (this.#offset === first.bytes.length) {
      this.#chunks.shift();
      this.#offset = 0;
    }
    return count;
  }

  #write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      // The terminal is hung up: nobody will ever read it, and the exit of its program says so.
      this.close();
      return 0;
    }
  }
}
