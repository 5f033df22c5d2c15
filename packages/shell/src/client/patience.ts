/** A time limit that does not run while a person is being asked. */
export class Patience implements Disposable {
  readonly #limitMs: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #asking = 0;
  #asked = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#start();
  }

  /** Aborts with a TimeoutError when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts when the time is over or `signal` aborts. */
  joined(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.signal : AbortSignal.any([this.signal, signal]);
  }

  /** Whether anything was asked. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Wraps a question: the limit starts anew behind the answer. */
  whileAsking<Q, A>(ask: ((question: Q) => Promise<A>) | undefined): ((question: Q) => Promise<A>) | undefined {
    if (ask === undefined) return undefined;
    return async (question) => {
      this.#asked = true;
      this.#asking += 1;
      clearTimeout(this.#timer);
      try {
        return await ask(question);
      } finally {
        this.#asking -= 1;
        if (this.#asking === 0) this.#start();
      }
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#asking = Infinity;
  }

  #start(): void {
    const reason = new DOMException('The time is over', 'TimeoutError');
    this.#timer = setTimeout(() => this.#controller.abort(reason), this.#limitMs);
  }
}
