import type { Terminal } from '../terminal/terminal.ts';

const INTERRUPT = 0x03;

/** The keyboard while a cmdlet of ours runs: Ctrl-C stops it, all else waits for the next reader. */
export class BusyKeys {
  readonly #terminal: Terminal;
  readonly #onInterrupt: () => void;
  #kept: Buffer[] = [];

  constructor(terminal: Terminal, onInterrupt: () => void) {
    this.#terminal = terminal;
    this.#onInterrupt = onInterrupt;
  }

  /** Takes the keyboard; also again, after a question had it. */
  begin(): void {
    this.#terminal.read((bytes) => {
      const interrupt = bytes.lastIndexOf(INTERRUPT);
      if (interrupt !== -1) {
        // As a terminal does, it forgets what was typed before.
        this.#kept = [];
        this.#onInterrupt();
      }
      if (interrupt + 1 < bytes.length) this.#kept.push(bytes.subarray(interrupt + 1));
    });
  }

  /** Nobody is to have what was typed until now. @returns whether there was anything */
  forget(): boolean {
    const some = this.#kept.length > 0;
    this.#kept = [];
    return some;
  }

  /** Lets the keyboard go; what was typed is next. */
  end(): void {
    this.#terminal.read(undefined);
    this.#terminal.unread(Buffer.concat(this.#kept));
    this.#kept = [];
  }
}
