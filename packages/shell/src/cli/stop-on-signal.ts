import { signalStatus } from '../runtime/signal-status.ts';

/**
 * Stops the work on a signal, or when nobody reads our output any more; the exit status then says so. A second signal
 * ends the process at once: whoever cannot be told to stop must not keep anybody waiting.
 */
export class StopOnSignal implements Disposable {
  readonly #abort = new AbortController();
  readonly #listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => ({
    name,
    listener: () => this.#stop(name),
  }));
  readonly #onOutputError = (): void => this.#stop('SIGPIPE');
  #signal: NodeJS.Signals | undefined;

  constructor() {
    for (const { name, listener } of this.#listeners) process.on(name, listener);
    process.stdout.on('error', this.#onOutputError);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** True when the process is to end at once. */
  get isFinal(): boolean {
    return this.#signal === 'SIGTERM' || this.#signal === 'SIGHUP';
  }

  /** The status to exit with. */
  status(own: number): number {
    return this.#signal === undefined ? own : signalStatus(this.#signal);
  }

  [Symbol.dispose](): void {
    this.#stopListening();
  }

  #stopListening(): void {
    for (const { name, listener } of this.#listeners) process.off(name, listener);
  }

  #stop(signal: NodeJS.Signals): void {
    this.#signal ??= signal;
    if (signal !== 'SIGPIPE') this.#stopListening();
    this.#abort.abort();
  }
}
