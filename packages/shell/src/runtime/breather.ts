import { setImmediate } from 'node:timers/promises';

/** After so long without a pause the keyboard gets its turn. */
const BUSY_MS = 50;

/** Pauses in work that would never let the event loop run: without them Ctrl-C is not heard. */
export class Breather {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** To be awaited in each turn if it is not undefined. @throws the signal's reason when it aborted */
  breathe(): Promise<void> | undefined {
    return performance.now() - this.#since < BUSY_MS ? undefined : this.#pause();
  }

  async #pause(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
