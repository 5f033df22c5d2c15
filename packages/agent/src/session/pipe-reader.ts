import { readSync } from 'node:fs';
// A pipe's end, not a network's: Node has no other class that waits on a descriptor.
// oxlint-disable-next-line no-restricted-imports
import { Socket } from 'node:net';

const READ_BYTES = 64 * 1024;
/** The most that a pipe of an unprivileged user holds (/proc/sys/fs/pipe-max-size). */
const PIPE_BYTES = 1024 * 1024;

/** Reads one end of a pipe; nothing comes while it is paused, so that the kernel's buffer holds the writers back. */
export class PipeReader {
  readonly #fd: number;
  readonly #onData: (bytes: Buffer) => void;
  readonly #stream: Socket;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #paused = false;
  #closed = false;

  /** @param fd the read end, which this object closes @param listeners.onData owns the chunk */
  constructor(fd: number, listeners: { onData: (bytes: Buffer) => void; onEnd: () => void }) {
    this.#fd = fd;
    this.#onData = listeners.onData;
    this.#stream = new Socket({
      fd,
      readable: true,
      writable: false,
      onread: { buffer: this.#buffer, callback: (length) => this.#onReadable(length) },
    });
    this.#stream.on('error', () => {
      // A pipe that cannot be read is at its end; 'close' follows.
    });
    this.#stream.once('end', () => this.close());
    this.#stream.once('close', () => {
      this.#closed = true;
      listeners.onEnd();
    });
    this.#stream.read(0);
  }

  pause(): void {
    this.#paused = true;
    if (!this.#closed) this.#stream.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#closed) this.#stream.read(0);
  }

  /** Hands on, paused or not, what stands in the pipe now, up to so many bytes or a little more. */
  drain(maxBytes = PIPE_BYTES): void {
    for (let drained = 0; !this.#closed && drained < maxBytes;) {
      const length = this.#readNow();
      if (length === 0) return;
      drained += length;
      this.#onData(Buffer.from(this.#buffer.subarray(0, length)));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.destroy();
  }

  #onReadable(length: number): boolean {
    this.#onData(Buffer.from(this.#buffer.subarray(0, length)));
    return !this.#closed && !this.#paused;
  }

  #readNow(): number {
    try {
      return readSync(this.#fd, this.#buffer, 0, READ_BYTES, null);
    } catch {
      // EAGAIN: it is empty.
      return 0;
    }
  }
}
