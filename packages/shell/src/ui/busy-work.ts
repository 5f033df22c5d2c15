import type { Terminal } from '../terminal/terminal.ts';
import { BusyKeys } from './busy-keys.ts';

/** What this client does between lines: it has the keyboard, and Ctrl-C stops it. */
export class BusyWork {
  readonly keys: BusyKeys;
  readonly #terminal: Terminal;
  readonly #end: AbortSignal;
  #running: AbortController | undefined;

  /** @param end stops all work */
  constructor(terminal: Terminal, end: AbortSignal) {
    this.#terminal = terminal;
    this.#end = end;
    this.keys = new BusyKeys(terminal, this.stop);
  }

  /** Aborted when what is done now is to stop. */
  get signal(): AbortSignal {
    const running = this.#running?.signal;
    return running === undefined ? this.#end : AbortSignal.any([running, this.#end]);
  }

  /** Else the person is at the prompt, which keeps the terminal. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  readonly stop = (): void => this.#running?.abort();

  /** The keyboard goes back to what had it before a question. */
  readonly goOn = (): void => {
    if (this.#running === undefined) this.#terminal.read(undefined);
    else this.keys.begin();
  };

  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#running = new AbortController();
    this.keys.begin();
    try {
      return await work(this.signal);
    } finally {
      this.#running = undefined;
      this.keys.end();
    }
  }

  /** Does something that has work of its own, while this one waits. */
  async paused(work: () => Promise<void>): Promise<void> {
    const running = this.#running;
    this.keys.end();
    await work();
    this.#running = running;
    this.keys.begin();
  }
}
