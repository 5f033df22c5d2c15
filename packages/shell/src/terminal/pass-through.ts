import { EscapeKey } from './escape-key.ts';
import { ModeTracker } from './mode-tracker.ts';
import { ProgramKeys, type Program } from './program-keys.ts';
import { clearStatusRow, makeRoomForStatus, showStatusRow } from './status-row.ts';
import type { Terminal } from './terminal.ts';
import { freshLine, resetHomes, resetSequence } from './terminal-reset.ts';

export type PassThroughOptions = {
  terminal: Terminal;
  program: Program;
  escapeKey?: EscapeKey;
  /** The key of the local menu was pressed; the terminal holds what was typed after it. */
  onEscape: () => void;
  /** What is typed is refused from now on, or taken again: the program has no room for it. */
  onRefusing?: (refusing: boolean) => void;
  /** A status line that made way for output is shown again when so long no more came. */
  statusAfterMs?: number;
  /** Text may stand below the cursor when the program begins. */
  textBelow?: boolean;
  /** Follows the program's output; one that knows already what came before it. */
  modes?: ModeTracker;
};

const STATUS_AFTER_MS = 250;

/** Ties the terminal to a program: raw bytes both ways, but for Ctrl-C and the key of the local menu. */
export class PassThrough {
  readonly #terminal: Terminal;
  readonly #keys: ProgramKeys;
  readonly #modes: ModeTracker;
  readonly #statusAfterMs: number;
  /** What the bottom row is to say. */
  #statusText: string | undefined;
  /** It says it: the row is not the program's. */
  #hasStatus = false;
  #statusTimer: NodeJS.Timeout | undefined;
  #held: { bytes: Uint8Array; done: (() => void) | undefined }[] | undefined;

  constructor(options: PassThroughOptions) {
    this.#terminal = options.terminal;
    this.#modes = options.modes ?? new ModeTracker(options.textBelow);
    if (options.textBelow === true) this.#modes.textMayBeBelow();
    this.#statusAfterMs = options.statusAfterMs ?? STATUS_AFTER_MS;
    const { terminal, program, escapeKey = new EscapeKey(), onEscape, onRefusing } = options;
    this.#keys = new ProgramKeys({
      terminal,
      program,
      split: (bytes) => escapeKey.split(bytes),
      onEscape,
      ...(onRefusing === undefined ? {} : { onRefusing }),
      onRefused: () => this.#ring(),
    });
  }

  /** The program shows a screen of its own. */
  get fullScreen(): boolean {
    return this.#modes.alternateScreen;
  }

  /** What stands in a row is there until the program draws it again. */
  get drawsScreen(): boolean {
    return this.#modes.drawsScreen;
  }

  /** Keys go to the program from now on. */
  begin(): void {
    this.#keys.begin();
  }

  /** Keys wait in the terminal from now on, for the program or for who reads next. */
  holdKeys(): void {
    this.#keys.hold();
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

  /**
   * Shows a line in the bottom row, or takes it away; not while the program's output stands inside a sequence. On the
   * normal screen it makes way for output, and comes back when that pauses; but not where a program draws in place.
   */
  status(text: string | undefined, force = false): void {
    clearTimeout(this.#statusTimer);
    this.#statusText = text;
    if (text !== undefined) {
      if (force || this.#modes.between) this.#showStatus(text);
      return;
    }
    // The normal screen is as it was when the line was shown there: output would have taken it away.
    if (force || this.#modes.between || !this.drawsScreen) this.#clearStatus();
    this.#hasStatus = false;
  }

  /**
   * Takes the terminal back: keys are held, modes put back, the cursor at the start of a line; below everything when
   * the program goes on, since its cursor may stand anywhere.
   */
  end(goesOn = false): void {
    this.status(undefined, true);
    this.releaseOutput();
    this.#keys.hold();
    const { columns, rows } = this.#terminal;
    const fresh = this.#modes.atLineStart && !this.fullScreen ? '' : freshLine(columns);
    const isAnywhere = (goesOn && !this.fullScreen) || resetHomes(this.#modes);
    const below = isAnywhere ? `\x1b[${rows};1H\r\n` : fresh;
    const text = resetSequence(this.#modes, columns) + below;
    this.#modes.clear();
    if (text !== '') this.#terminal.write(text);
  }

  #write(bytes: Uint8Array, done: (() => void) | undefined): void {
    if (this.#statusText !== undefined) {
      this.#writeOverStatus(bytes, done);
      return;
    }
    this.#modes.feed(bytes);
    this.#terminal.write(bytes, done);
  }

  /** On the normal screen output would scroll the line up, and write where it is cleared later. */
  #writeOverStatus(bytes: Uint8Array, done: (() => void) | undefined): void {
    const { between, drawsScreen: wasDrawn } = this.#modes;
    const wasFullScreen = this.fullScreen;
    this.#modes.feed(bytes);
    if (!wasFullScreen && between && !(wasDrawn && this.drawsScreen)) this.#clearStatus();
    this.#terminal.write(bytes, done);
    // It went with the screen that it stood on.
    if (wasFullScreen && !this.fullScreen) this.#hasStatus = false;
    clearTimeout(this.#statusTimer);
    if (!this.#hasStatus) this.#statusTimer = setTimeout(() => this.#showStatusAgain(), this.#statusAfterMs);
  }

  /** Not where all would go up by one each time: a program that redraws some rows would have them creep up. */
  #showStatusAgain(): void {
    const { between, textBelow } = this.#modes;
    if (this.#statusText === undefined || !between || (textBelow && !this.drawsScreen)) return;
    this.#showStatus(this.#statusText);
  }

  #showStatus(text: string): void {
    const { rows } = this.#terminal;
    const inTheWay = !this.#hasStatus && !this.drawsScreen;
    const room = inTheWay ? makeRoomForStatus(rows, this.#modes) : '';
    if (inTheWay) this.#modes.roomMade();
    this.#terminal.write(room + showStatusRow(text, rows, !this.#modes.modesOff.has(7)));
    this.#hasStatus = true;
  }

  #clearStatus(): void {
    if (this.#hasStatus) this.#terminal.write(clearStatusRow(this.#terminal.rows));
    this.#hasStatus = false;
  }

  /** A BEL inside a sequence would be a part of it. */
  #ring(): void {
    if (this.#modes.between) this.#terminal.write('\x07');
  }
}
