import { Pty } from '../terminal/pty.ts';
import type { PtyExit } from '../terminal/pty.ts';
import { parseBashMark } from './bash-marks.ts';
import type { BashMark } from './bash-marks.ts';
import type { StartOptions } from './driver.ts';
import { EchoFilter } from './echo-filter.ts';
import { LastWord } from './last-word.ts';
import { MarkScanner } from './mark-scanner.ts';

/** A mark that is not the terminal's own affair. */
export type HandledMark = Exclude<BashMark, { kind: 'leaving' }>;

export type BashTerminalOptions = StartOptions & {
  file: string;
  /** Path of the rc script. */
  rc: string;
  /** The secret in its marks. */
  nonce: string;
  onMark: (mark: HandledMark) => void;
  onExit: (exit: PtyExit) => void;
};

/** A bash on a PTY whose output is split into what a person would see and the rc script's marks. */
export class BashTerminal {
  readonly pty: Pty;
  /** While set, output is discarded. */
  isMuted = false;
  readonly #options: BashTerminalOptions;
  readonly #scanner: MarkScanner;
  readonly #echoes: EchoFilter;
  readonly #lastWord: LastWord;
  #written = 0;

  /** Throws RemotingError ProgramNotStarted. */
  constructor(options: BashTerminalOptions) {
    const { listeners, env, cwd, columns, rows, file, nonce, rc, endSilenceMs, sttyMs } = options;
    this.#options = options;
    this.#lastWord = new LastWord((bytes) => listeners.onOutput(bytes));
    this.#echoes = new EchoFilter((bytes) => {
      if (!this.isMuted) this.#lastWord.push(bytes);
    });
    this.#scanner = new MarkScanner(Buffer.from(`\x1b]7337;${nonce};`), {
      onText: (bytes) => this.#echoes.push(bytes),
      onMark: (body) => this.#onMark(body),
    });
    this.pty = Pty.spawn({
      env,
      cwd,
      columns,
      rows,
      file,
      endSilenceMs,
      sttyMs,
      args: ['--noediting', '--rcfile', rc, '-i'],
      onData: (chunk) => this.#scanner.push(chunk),
      onExit: (exit) => this.#onExit(exit),
      onWritten: (total) => this.#onWritten(total),
    });
  }

  /** Types `text` and leaves its echo out; with a line end, the echo of that too. */
  type(text: string, lineEnd: '\n' | '' = ''): void {
    this.#echoes.expect(Buffer.from(text));
    this.pty.write(Buffer.from(text + lineEnd));
  }

  /** Whatever was typed has been echoed by now, or will not be. */
  expectNoEcho(): void {
    this.#echoes.expectNone();
  }

  /** A command's output is complete: nothing of it is held back any longer. */
  endOutput(): void {
    this.#echoes.expectNone();
    this.#lastWord.flush();
  }

  /** Tells that input is done with although the kernel did not get it. */
  reportInput(): void {
    this.#options.onWritten?.(this.#written);
  }

  /** Stops the timers; the terminal itself is closed by the Pty. */
  end(): void {
    this.#lastWord.drop();
  }

  #onMark(body: Buffer): void {
    const mark = parseBashMark(body);
    // Bash starts a new line on the terminal when a signal takes it back to its prompt; `ended` follows.
    if (mark?.kind === 'leaving') this.isMuted = true;
    else if (mark !== undefined) this.#options.onMark(mark);
  }

  #onWritten(total: number): void {
    this.#written = total;
    this.#options.onWritten?.(total);
  }

  #onExit(exit: PtyExit): void {
    this.#scanner.flush();
    this.#echoes.expectNone();
    this.#lastWord.drop();
    this.#options.onExit(exit);
  }
}
