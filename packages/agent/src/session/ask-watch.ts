import { hidesLines } from '../terminal/line-discipline.ts';
import type { Pty } from '../terminal/pty.ts';
import { readsTerminal } from '../terminal/waiting-reader.ts';

/** Bytes of what the terminal printed that are kept and told. */
const TEXT_BYTES = 2048;
/** A command that is silent for long is looked at ever less often, up to this many times the first pause. */
const MAX_PAUSES = 16;
/** Between two looks that find the same; what has come by the first was read by the second. */
const CONFIRM_MS = 20;
/** Escape sequences (ECMA-48, and OSC with its string). */
// eslint-disable-next-line no-control-regex -- what no terminal shows
const SEQUENCE = /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)/gu;

type Options = {
  /** The terminal of the session whose commands are watched. */
  pty: () => Pick<Pty, 'pid' | 'slavePath'>;
  settings: { readonly askAfterMs: number; readonly askUnsureMs: number; readonly sttyMs: number };
  /** What the terminal says, without its control sequences. */
  onAsked: (text: string) => void;
};

/**
 * Notices that a command which runs apart from its terminal waits for somebody at it: the terminal is read, or hides
 * what is typed, or at last only stands in an unfinished line, while nothing comes of the command. A line that is redrawn, as for
 * progress, asks nothing.
 */
export class AskWatch {
  readonly #options: Options;
  #text = Buffer.alloc(0);
  #quietSince = 0;
  #firstPauseMs = 0;
  #pauseMs = 0;
  #isPaused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** A command begins. */
  start(): void {
    this.#begin(this.#options.settings.askAfterMs);
  }

  /** Somebody typed, and may go on with it: nobody needs to be called so soon. */
  answered(): void {
    this.#begin(this.#options.settings.askUnsureMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isPaused = false;
  }

  /** The terminal is not read: the command may have gone on, or ended, long ago. */
  pause(): void {
    const isWatching = this.#timer !== undefined || this.#isPaused;
    this.stop();
    this.#isPaused = isWatching;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#wait(this.#firstPauseMs);
  }

  /** The terminal printed something. */
  printed(bytes: Buffer): void {
    this.#text = Buffer.concat([this.#text, bytes]).subarray(-TEXT_BYTES);
    if (this.#timer !== undefined) this.#wait(this.#firstPauseMs);
  }

  /** Something came of the command. */
  worked(): void {
    this.#quietSince = performance.now();
  }

  #begin(firstPauseMs: number): void {
    this.#text = Buffer.alloc(0);
    this.#firstPauseMs = firstPauseMs;
    this.#wait(firstPauseMs);
  }

  #wait(milliseconds: number): void {
    this.#quietSince = performance.now();
    this.#pauseMs = milliseconds;
    this.#lookIn(milliseconds);
  }

  #lookIn(milliseconds: number, again = false): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => void this.#look(timer, again), milliseconds);
    this.#timer = timer;
  }

  /** @param again the last look found that it asks */
  async #look(timer: NodeJS.Timeout, again: boolean): Promise<void> {
    const quietMs = performance.now() - this.#quietSince;
    // A timer may be a little early.
    if (quietMs < this.#firstPauseMs - 1) return this.#lookIn(this.#firstPauseMs - quietMs);
    const asks = await this.#asks(quietMs);
    // Something happened meanwhile, and has a look of its own.
    if (this.#timer !== timer) return;
    if (asks && again) {
      this.stop();
      this.#options.onAsked(this.#said);
    } else if (asks) {
      // The command's end may wait to be read: then it was the prompt that reads.
      this.#lookIn(CONFIRM_MS, true);
    } else {
      this.#pauseMs = Math.min(this.#pauseMs * 2, this.#firstPauseMs * MAX_PAUSES);
      const unsureInMs = this.#options.settings.askUnsureMs - quietMs;
      this.#lookIn(unsureInMs > 0 ? Math.min(this.#pauseMs, unsureInMs) : this.#pauseMs);
    }
  }

  async #asks(quietMs: number): Promise<boolean> {
    const { pty, settings } = this.#options;
    const { pid, slavePath } = pty();
    const reading = readsTerminal(pid, slavePath);
    if (reading !== 'unknown') return reading === 'yes';
    if (await hidesLines(slavePath, settings.sttyMs)) return true;
    const isUnfinished = this.#said.split('\n').at(-1)?.trim() !== '';
    return isUnfinished && quietMs >= settings.askUnsureMs;
  }

  /** A line that was redrawn is what it was last. */
  get #said(): string {
    const text = this.#text.toString('utf8').replaceAll(SEQUENCE, '').replaceAll(/\r+\n/gu, '\n');
    const lines = text.split('\n').map((line) => line.slice(line.replace(/\r+$/u, '').lastIndexOf('\r') + 1));
    return lines.map((line) => line.replaceAll(/\p{Cc}/gu, '')).join('\n');
  }
}
