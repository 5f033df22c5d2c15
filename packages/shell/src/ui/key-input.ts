import { type Key, KeyDecoder } from '../editing/key-decoder.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** After so many milliseconds a lone ESC was the Escape key and not the start of a sequence. */
const ESCAPE_TIMEOUT_MS = 50;

export type KeyListener = {
  /** Takes a key; `stop` ends the reading, and what was typed behind it waits for the next reader. */
  onKey: (key: Key) => 'more' | 'stop';
  /** All keys that came together were given. */
  onIdle?: () => void;
};

/** Reads keys from the terminal for one listener at a time. */
export class KeyInput {
  readonly #terminal: Terminal;
  readonly #escapeTimeoutMs: number;
  #decoder = new KeyDecoder();
  #listener: KeyListener | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, escapeTimeoutMs: number = ESCAPE_TIMEOUT_MS) {
    this.#terminal = terminal;
    this.#escapeTimeoutMs = escapeTimeoutMs;
  }

  /** Gives keys to `listener` until it says stop, or stop() is called. */
  start(listener: KeyListener): void {
    this.stop();
    this.#listener = listener;
    this.#terminal.read(this.#onBytes);
  }

  /** Keys that come back from a session are typed again, before all others that wait. */
  typeAgain(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#listener === undefined) this.#terminal.unread(bytes);
    else this.#onBytes(bytes);
  }

  /** Ends the reading; the terminal holds what comes. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#listener === undefined) return;
    this.#listener = undefined;
    this.#terminal.read(undefined);
    this.#terminal.unread(this.#decoder.takeRest());
    this.#decoder = new KeyDecoder();
  }

  readonly #onBytes = (bytes: Buffer): void => {
    clearTimeout(this.#timer);
    this.#decoder.push(bytes);
    for (let key = this.#decoder.next(); key !== undefined; key = this.#decoder.next()) {
      if (!this.#give(key)) return;
    }
    this.#listener?.onIdle?.();
    if (this.#decoder.waiting) this.#timer = setTimeout(this.#onSilence, this.#escapeTimeoutMs);
  };

  readonly #onSilence = (): void => {
    const key = this.#decoder.flush();
    if (key !== undefined && this.#give(key)) this.#listener?.onIdle?.();
  };

  #give(key: Key): boolean {
    const listener = this.#listener;
    if (listener === undefined) return false;
    if (listener.onKey(key) === 'more') return this.#listener === listener;
    if (this.#listener === listener) this.stop();
    return false;
  }
}
