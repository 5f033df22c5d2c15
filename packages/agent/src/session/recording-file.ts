import { closeSync, constants, ftruncateSync, futimesSync, openSync, writeSync } from 'node:fs';

/** So much is written at once at the latest. */
const BATCH_BYTES = 64 * 1024;
/** How often a file that nothing is written to is marked as being in use. */
const TOUCH_MS = 10 * 60 * 1000;
const NEWLINE = 0x0a;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** A file of lines that is written in batches, and that ends with a whole line even where the disk does not take the next. */
export class RecordingFile {
  readonly #maxBytes: number;
  readonly #flushMs: number;
  readonly #onFailed: (error: Error) => void;
  readonly #touching: NodeJS.Timeout;
  #file: number | undefined;
  #lines: string[] = [];
  /** Bytes of the file, and of the lines that wait. */
  #written = 0;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Makes a file that nobody has made before, for this user alone (0600).
   * @param options.flushMs a line waits no longer than this; 0: each is written at once
   * @param options.onFailed it takes no more, and is closed
   * @throws an error of Node
   */
  constructor(options: { path: string; maxBytes: number; flushMs: number; onFailed: (error: Error) => void }) {
    this.#maxBytes = options.maxBytes;
    this.#flushMs = options.flushMs;
    this.#onFailed = options.onFailed;
    this.#file = openSync(options.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    this.#touching = setInterval(() => this.#touch(), TOUCH_MS).unref();
  }

  /** Adds a line, which does not hold its end. @returns false when the file takes no more */
  append(line: string): boolean {
    if (this.#file === undefined) return false;
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#written + this.#waiting + bytes > this.#maxBytes) return this.#full();
    this.#lines.push(`${line}\n`);
    this.#waiting += bytes;
    if (this.#flushMs === 0 || this.#waiting >= BATCH_BYTES) return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), this.#flushMs).unref();
    return true;
  }

  /** Writes what waits. @returns false when the file takes no more */
  flush(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#file === undefined) return false;
    const batch = Buffer.from(this.#lines.splice(0).join(''));
    this.#waiting = 0;
    let done = 0;
    try {
      while (done < batch.length) done += writeSync(this.#file, batch, done);
    } catch (error) {
      const whole = done === 0 ? 0 : batch.lastIndexOf(NEWLINE, done - 1) + 1;
      return this.#fail(error, this.#written + whole);
    }
    this.#written += batch.length;
    return true;
  }

  /** Writes what waits, and closes the file. */
  close(): void {
    if (!this.flush() || this.#file === undefined) return;
    this.#release(this.#file);
  }

  #full(): boolean {
    if (!this.flush()) return false;
    return this.#fail(
      new Error(`it has the most bytes that one may have, ${this.#maxBytes} (maxBytes)`),
      this.#written,
    );
  }

  #fail(cause: unknown, length: number): false {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const file = this.#file;
    if (file === undefined) return false;
    try {
      ftruncateSync(file, length);
    } catch {
      // Its last line is torn then, which readers leave out.
    }
    this.#release(file);
    this.#onFailed(error);
    return false;
  }

  #release(file: number): void {
    this.#file = undefined;
    clearInterval(this.#touching);
    clearTimeout(this.#timer);
    closeSync(file);
  }

  #touch(): void {
    const now = new Date();
    try {
      if (this.#file !== undefined) futimesSync(this.#file, now, now);
    } catch {
      // The next write tells what is wrong.
    }
  }
}
