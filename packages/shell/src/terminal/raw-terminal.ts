import { spawn } from 'node:child_process';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Terminal, TerminalReader } from './terminal.ts';

/**
 * Writes without waiting: Node makes a terminal's writes block, so one that stands still (Ctrl-S, a copy mode) would
 * stop the whole program, its link's signs of life included. The stream's handle is Node's own; where it is missing,
 * writes block as Node has it.
 */
function makeNonBlocking(stdout: WriteStream): void {
  const handle: unknown = Reflect.get(stdout, '_handle');
  if (typeof handle !== 'object' || handle === null) return;
  const setBlocking: unknown = Reflect.get(handle, 'setBlocking');
  if (typeof setBlocking === 'function') Reflect.apply(setBlocking, handle, [false]);
}

/**
 * Node's raw mode leaves the terminal turning LF into CR LF, which breaks programs that move the cursor down by LF.
 * Without stty it stays so, and only those programs suffer.
 */
function stopOutputProcessing(stdin: ReadStream): void {
  spawn('stty', ['-opost'], { stdio: [stdin, 'ignore', 'ignore'] }).on('error', () => {});
}

/** Typed bytes that are held for the next reader; more stay in the terminal's own queue, and with who writes to it. */
const MAX_HELD_BYTES = 64 * 1024;

/**
 * The one owner of the process's terminal for its whole life: raw mode is switched on once, and one listener hands
 * bytes to whoever reads. Switching the mode or the listener at each hand-over would lose or echo keys typed then.
 */
export class RawTerminal implements Terminal {
  readonly #stdin: ReadStream;
  readonly #stdout: WriteStream;
  readonly #gone = Promise.withResolvers<void>();
  #reader: TerminalReader | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #flushing = false;
  #started = false;
  #typedAt = -Infinity;

  constructor(streams: { stdin: ReadStream; stdout: WriteStream } = process) {
    this.#stdin = streams.stdin;
    this.#stdout = streams.stdout;
  }

  /** Resolves when the terminal is gone: its window was closed, its line cut, or its input ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get columns(): number {
    return this.#stdout.columns || 80;
  }

  get rows(): number {
    return this.#stdout.rows || 24;
  }

  get waiting(): boolean {
    return this.#held.length > 0;
  }

  get typedAt(): number {
    return this.#typedAt;
  }

  /** Takes the terminal over; keys are held until read() is called, and a newline is only a step down (write CR LF). */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    makeNonBlocking(this.#stdout);
    this.#stdin.setRawMode(true);
    stopOutputProcessing(this.#stdin);
    this.#stdin.on('data', this.#onData).on('end', this.#onGone).on('close', this.#onGone).on('error', this.#onGone);
    this.#stdout.on('error', this.#onGone);
    this.#stdin.resume();
  }

  /** Gives the terminal back as it was. */
  stop(): void {
    if (!this.#started) return;
    this.#started = false;
    this.#reader = undefined;
    this.#stdin.off('data', this.#onData);
    try {
      this.#stdin.setRawMode(false);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
    this.#stdin.pause();
    this.#stdin.unref();
  }

  write(data: string | Uint8Array, done?: () => void): void {
    // A write after the terminal went away fails by itself; its bytes count as taken, or their sender would wait.
    this.#stdout.write(data, () => done?.());
  }

  read(reader: TerminalReader | undefined): void {
    this.#reader = reader;
    this.#flush();
  }

  unread(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.unshift(bytes);
    this.#heldBytes += bytes.length;
  }

  onResize(listener: (columns: number, rows: number) => void): () => void {
    const onResize = (): void => listener(this.columns, this.rows);
    this.#stdout.on('resize', onResize);
    return () => this.#stdout.off('resize', onResize);
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#typedAt = performance.now();
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#flush();
    if (this.#heldBytes > MAX_HELD_BYTES) this.#stdin.pause();
  };

  readonly #onGone = (): void => this.#gone.resolve();

  /** A reader may give the terminal to the next one, or put bytes back, while it reads. */
  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      for (;;) {
        const reader = this.#reader;
        const bytes = reader === undefined ? undefined : this.#held.shift();
        if (reader === undefined || bytes === undefined) return;
        this.#heldBytes -= bytes.length;
        reader(bytes);
      }
    } finally {
      this.#flushing = false;
      if (this.#started && this.#heldBytes <= MAX_HELD_BYTES && this.#stdin.isPaused()) this.#stdin.resume();
    }
  }
}
