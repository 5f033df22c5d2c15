import { EscapeKey } from './escape-key.ts';
import { ModeTracker } from './mode-tracker.ts';
import { clearStatusRow, makeRoomForStatus, showStatusRow } from './status-row.ts';
import type { Terminal } from './terminal.ts';
import { freshLine, resetSequence } from './terminal-reset.ts';

/** The program that has the terminal. */
export type Program = {
  /** Typed bytes, as they are. */
  write(bytes: Uint8Array): void;
  /** Ctrl-C, which overtakes what was typed before it. */
  interrupt(): void;
};

export type PassThroughOptions = {
  terminal: Terminal;
  program: Program;
  escapeKey?: EscapeKey;
  /** The key of the local menu was pressed; the terminal holds what was typed after it. */
  onEscape: () => void;
};

/** Ties the terminal to a program: raw bytes both ways, but for Ctrl-C and the key of the local menu. */
export class PassThrough {
  readonly #terminal: Terminal;
  readonly #program: Program;
  readonly #escapeKey: EscapeKey;
  readonly #onEscape: () => void;
  readonly #modes = new ModeTracker();
  #hasStatus = false;
  #held: { bytes: Uint8Array; done: (() => void) | undefined }[] | undefined;

  constructor(options: PassThroughOptions) {
    this.#terminal = options.terminal;
    this.#program = options.program;
    this.#escapeKey = options.escapeKey ?? new EscapeKey();
    this.#onEscape = options.onEscape;
  }

  /** The program shows a screen of its own. */
  get fullScreen(): boolean {
    return this.#modes.alternateScreen;
  }

  /** Keys go to the program from now on. */
  begin(): void {
    this.#terminal.read(this.#onInput);
  }

  /** Keys wait in the terminal from now on, for the program or for who reads next. */
  holdKeys(): void {
    this.#terminal.read(undefined);
  }

  /** Output of the program; `done` when the terminal has taken it. */
  readonly output = (bytes: Uint8Array, done?: () => void): void => {
    if (this.#held === undefined) this.#write(bytes, done);
    else this.#held.push({ bytes, done });
  };

  /** Keeps output back while the local menu is open; `done` waits, so the host soon sends no more. */
  holdOutput(): void {
    this.#held ??= [];
  }

  releaseOutput(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { bytes, done } of held) this.#write(bytes, done);
  }

  /** Some output was left out: what comes next is not the end of a sequence. */
  outputSkipped(): void {
    if (!this.#modes.between) this.#terminal.write('\x18');
    this.#modes.cut();
  }

  /** A line is shown in the bottom row. */
  get hasStatus(): boolean {
    return this.#hasStatus;
  }

  /** Shows a line in the bottom row, or takes it away; not while the program's output stands inside a sequence. */
  status(text: string | undefined, force = false): void {
    if (!this.#modes.between && !force) return;
    const { rows } = this.#terminal;
    if (text === undefined) {
      if (this.#hasStatus) this.#terminal.write(clearStatusRow(rows));
      this.#hasStatus = false;
      return;
    }
    const room = this.#hasStatus || this.fullScreen ? '' : makeRoomForStatus(rows);
    this.#terminal.write(room + showStatusRow(text, rows));
    this.#hasStatus = true;
  }

  /**
   * Takes the terminal back: keys are held, modes put back, the cursor at the start of a line; below everything when
   * the program goes on, since its cursor may stand anywhere.
   */
  end(goesOn = false): void {
    this.status(undefined, true);
    this.releaseOutput();
    this.#terminal.read(undefined);
    const { columns, rows } = this.#terminal;
    const fresh = this.#modes.atLineStart && !this.fullScreen ? '' : freshLine(columns);
    const below = goesOn && !this.fullScreen ? `\x1b[${rows};1H\r\n` : fresh;
    const text = resetSequence(this.#modes) + below;
    if (text !== '') this.#terminal.write(text);
  }

  #write(bytes: Uint8Array, done: (() => void) | undefined): void {
    this.#modes.feed(bytes);
    this.#terminal.write(bytes, done);
  }

  readonly #onInput = (bytes: Buffer): void => {
    for (const part of this.#escapeKey.split(bytes)) {
      if (part.kind === 'bytes') this.#program.write(part.bytes);
      else if (part.kind === 'interrupt') this.#program.interrupt();
      else {
        this.#terminal.read(undefined);
        this.#terminal.unread(part.rest);
        this.#onEscape();
      }
    }
  };
}
