import { closeSync, readSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { RemotingError } from '@holdfast/protocol';
import { EndMark } from './end-mark.ts';
import { foregroundGroup } from './foreground-group.ts';
import { InputQueue } from './input-queue.ts';
import { addMaster, removeMaster, withoutGaps } from './master-descriptors.ts';
import { findProgram } from './program.ts';
import { fork, setWindowSize } from './pty-binding.ts';
import { signalsOnInterrupt } from './line-discipline.ts';

/** How a program ended: its exit status, or 128 + n and the signal n that killed it. */
export type PtyExit = { status: number; signal?: number };

export type PtyOptions = {
  /** Program, sought in env.PATH when its name has no slash. */
  file: string;
  args: readonly string[];
  env: Record<string, string>;
  cwd: string;
  columns: number;
  rows: number;
  /** The receiver owns the chunk; it is never reused. */
  onData: (chunk: Buffer) => void;
  /** After the last byte of output, exactly once; not after dispose(). */
  onExit: (exit: PtyExit) => void;
  /** Bytes given to write() that the kernel has taken, counted from the start. */
  onWritten?: (total: number) => void;
  /**
   * A terminal from which nothing comes for so many milliseconds after its program's exit is at its end, mark or not: a child
   * may have stopped its output, or torn the mark. 500 unless given.
   */
  endSilenceMs?: number | undefined;
  /** Time for stty(1) to tell how the terminal is set. 1000 unless given. */
  sttyMs?: number | undefined;
};

const READ_BYTES = 64 * 1024;
/** A read that gives less has most likely emptied the terminal, as with the echo of a key: asking again is dear. */
const SHORT_BYTES = 1024;
/** How often the end mark is tried while the terminal's buffer is full. */
const MARK_RETRY_MS = 5;
/** How often a terminal is looked at whose program has exited. */
const LOOK_MS = 500;
const INTERRUPT = Buffer.from([0x03]);

/**
 * A program on a pseudo-terminal, with reader and writer of our own, for which libraries lose output and misdirect
 * input. Its output ends where the program that was started has exited: what children in the background print later is
 * not shown, and the terminal is hung up under them, as sshd does it.
 */
export class Pty {
  readonly pid: number;
  readonly #options: PtyOptions;
  readonly #fd: number;
  readonly #slavePath: string;
  readonly #input: InputQueue;
  readonly #endMark: EndMark;
  #stream: ReadStream | undefined;
  readonly #endSilenceMs: number;
  #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #exit: PtyExit | undefined;
  #exitTimer: NodeJS.Timeout | undefined;
  #lastReadAt = 0;
  #paused = false;
  #closed = false;
  #muted = false;

  /** Starts the program. Throws RemotingError ProgramNotStarted if it or the directory cannot be used. */
  static spawn(options: PtyOptions): Pty {
    return new Pty(options);
  }

  private constructor(options: PtyOptions) {
    this.#options = options;
    this.#endSilenceMs = options.endSilenceMs ?? 500;
    const file = findProgram(options.file, options.env['PATH'], options.cwd);
    const onExit = (code: number, signal: number): void => this.#onProgramExit(code, signal);
    const forked = start(() => withoutGaps(() => fork({ ...options, file, onExit })), options.file);
    this.pid = forked.pid;
    this.#fd = forked.fd;
    this.#slavePath = forked.pty;
    try {
      this.#endMark = start(() => new EndMark(forked.pty), options.file);
    } catch (error) {
      this.#muted = true;
      closeSync(this.#fd);
      throw error;
    }
    addMaster(this.#fd);
    this.#input = new InputQueue(this.#fd, (total) => options.onWritten?.(total));
    this.#stream = new ReadStream(this.#fd, {
      onread: { buffer: this.#buffer, callback: (length) => this.#onReadable(length) },
    });
    this.#stream.on('error', () => this.#onHangUp());
    // Not resume(), which starts in a later tick and so after a pause() that follows at once.
    this.#stream.read(0);
  }

  /** Whether the terminal is gone: all output delivered, disposed of, or hung up. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Path of the terminal as its programs have it. */
  get slavePath(): string {
    return this.#slavePath;
  }

  /** Bytes of input that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#input.length;
  }

  /** Types `bytes`, which the caller must not change; `by` says whose they are. In canonical mode the kernel keeps 4095 bytes of a line. */
  write(bytes: Uint8Array, by?: string): void {
    this.#input.push(bytes, by);
  }

  /** Forgets input that is not written yet, all or what came `by` somebody, and says how many bytes that was. */
  dropQueued(by?: string): number {
    return by === undefined ? this.#input.drop() : this.#input.dropOf(by);
  }

  /**
   * Ctrl-C. Typed as a byte, so that a raw program gets the byte and a cooked one the signal. If the terminal takes no
   * input, because its program does not read, the foreground process group gets SIGINT, unless the terminal is raw:
   * then the byte is written as soon as it can be.
   */
  interrupt(): void {
    if (this.#closed) return;
    if (this.#input.writeNow(INTERRUPT)) return;
    const group = foregroundGroup(this.pid);
    if (group !== undefined && signalsOnInterrupt(this.#slavePath, this.#options.sttyMs ?? 1000))
      sendSignal(-group, 'SIGINT');
    else this.#input.writeFirst(INTERRUPT);
  }

  /** Stops reading; the program stops too when the kernel's buffer (some 64 KiB) is full. */
  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    if (!this.#paused || this.#closed) return;
    this.#paused = false;
    this.#lastReadAt = performance.now();
    this.#stream?.read(0);
  }

  /** Sets the size in cells; nothing happens after the end. */
  resize(columns: number, rows: number): void {
    if (!this.#closed) setWindowSize(this.#fd, columns, rows);
  }

  /** Signals the program's process group and the terminal's foreground group; nothing happens after its exit. */
  kill(signal: NodeJS.Signals): void {
    if (this.#exit !== undefined) return;
    const foreground = foregroundGroup(this.pid);
    if (foreground !== undefined && foreground !== this.pid) sendSignal(-foreground, signal);
    // A child that has just been forked does not lead its group yet.
    if (!sendSignal(-this.pid, signal)) sendSignal(this.pid, signal);
  }

  /** Closes the terminal, which hangs up its programs (SIGHUP). No listener is called any more. */
  dispose(): void {
    this.#muted = true;
    this.#release();
  }

  /** Takes what epoll's read got, and all that is there behind it: a PTY gives 4 KiB at a time. */
  #onReadable(length: number): boolean {
    if (this.#closed) return false;
    let filled = length;
    let more = length < SHORT_BYTES ? 0 : length;
    while (more > 0 && filled < READ_BYTES) {
      more = this.#read(filled);
      filled += more;
    }
    this.#deliver(Buffer.from(this.#buffer.subarray(0, filled)));
    return !this.#closed && !this.#paused;
  }

  #read(offset: number): number {
    try {
      return readSync(this.#fd, this.#buffer, offset, READ_BYTES - offset, null);
    } catch {
      // EAGAIN: no more for now. EIO comes again to the stream, which handles it.
      return 0;
    }
  }

  #deliver(chunk: Buffer): void {
    if (this.#exit === undefined) return this.#options.onData(chunk);
    this.#lastReadAt = performance.now();
    const { output, found } = this.#endMark.strip(chunk);
    if (output.length > 0) this.#options.onData(output);
    if (found) this.#finish();
    else if (!this.#closed) this.#endMark.write();
  }

  #onProgramExit(status: number, signal: number): void {
    this.#exit = signal > 0 ? { status: 128 + signal, signal } : { status };
    if (this.#closed) return this.#reportExit();
    this.#input.close();
    this.#lastReadAt = performance.now();
    this.#awaitEnd();
  }

  #awaitEnd(): void {
    const written = this.#endMark.write();
    if (!this.#paused && performance.now() - this.#lastReadAt > this.#endSilenceMs && !this.#readLate()) {
      return this.#finish();
    }
    if (this.#closed) return;
    this.#exitTimer = setTimeout(
      () => this.#awaitEnd(),
      written || this.#paused ? Math.min(LOOK_MS, this.#endSilenceMs) : MARK_RETRY_MS,
    );
  }

  /** Silence may be our own: a loop that was stalled has not looked yet. */
  #readLate(): boolean {
    const length = this.#read(0);
    if (length > 0) this.#onReadable(length);
    return length > 0;
  }

  /** EIO: the terminal was hung up from inside, as by vhangup(2). Nothing can come any more but the exit. */
  #onHangUp(): void {
    if (this.#exit !== undefined) this.#finish();
    else this.#release();
  }

  #finish(): void {
    if (this.#closed) return;
    const held = this.#endMark.takeHeld();
    this.#release();
    if (held.length > 0) this.#options.onData(held);
    this.#reportExit();
  }

  #reportExit(): void {
    if (this.#muted || this.#exit === undefined) return;
    this.#muted = true;
    this.#options.onExit(this.#exit);
  }

  /** Lets go of both descriptors; nothing may use their numbers from here on. */
  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.close();
    clearTimeout(this.#exitTimer);
    this.#endMark.close();
    removeMaster(this.#fd);
    this.#stream?.destroy();
    // Whoever knows a terminal that is gone does not keep its memory.
    this.#stream = undefined;
    this.#buffer = Buffer.alloc(0);
  }
}

function start<T>(step: () => T, file: string): T {
  try {
    return step();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('ProgramNotStarted', `'${file}' cannot be started: ${reason}`, { target: file, cause });
  }
}

function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    // ESRCH: it has ended. EPERM: it belongs to another user, as after sudo.
    return false;
  }
}
