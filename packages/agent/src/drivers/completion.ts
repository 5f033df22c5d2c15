import { RemotingError } from '@holdfast/protocol';
import { quote } from './bash-rc.ts';

const INTERRUPT_AGAIN_MS = 200;

/** A completion that the shell works on. It ends by settle() in any case, for the shell must come back to its prompt. */
export class Completion {
  readonly kind = 'completion';
  readonly candidates: Promise<string[]>;
  readonly #interrupt: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#abort();
  #timer: NodeJS.Timeout;
  readonly #resolve: (candidates: string[]) => void;
  readonly #reject: (reason: Error) => void;
  #interrupted = false;

  constructor(interrupt: () => void, timeoutMs = 2000, signal?: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    this.candidates = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#interrupt = interrupt;
    this.#signal = signal;
    this.#timer = setTimeout(() => this.interrupt(), timeoutMs);
    signal?.addEventListener('abort', this.#onAbort);
  }

  /** Gives the shell back to whoever needs it; there will be few candidates or none. */
  interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    clearTimeout(this.#timer);
    // A bash that is just starting a program misses the first.
    this.#timer = setInterval(this.#interrupt, INTERRUPT_AGAIN_MS);
    this.#interrupt();
  }

  /** The shell is done with it: no more interrupts. */
  finish(): this {
    clearInterval(this.#timer);
    return this;
  }

  settle(candidates: string[]): void {
    this.finish();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(candidates);
  }

  #abort(): void {
    this.#reject(abortReason(this.#signal));
    this.interrupt();
  }
}

/** The shell text that completes `line` at byte `point`. */
export function completionText(line: string, point: number): Buffer {
  const bytes = Buffer.from(line);
  const [head, tail] = [bytes.subarray(0, point), bytes.subarray(point)].map((part) => quote(part.toString()));
  return Buffer.from(`__hf_c ${head} ${tail}`);
}

/** Why a signal was aborted, as an error. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new RemotingError('OperationStopped', 'The completion was stopped');
}
