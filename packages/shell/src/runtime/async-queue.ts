/** Values from one who calls to one who iterates; who puts may wait until they are taken. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #values: T[] = [];
  #end: { error?: unknown } | undefined;
  #isOver = false;
  #arrived = Promise.withResolvers<void>();
  #taken = Promise.withResolvers<void>();

  /** @returns a promise that resolves when all values have been taken */
  put(...values: T[]): Promise<void> {
    if (values.length === 0 || this.#isOver) return Promise.resolve();
    this.#values.push(...values);
    this.#arrived.resolve();
    return this.#taken.promise;
  }

  end(...values: T[]): void {
    this.#values.push(...values);
    this.#finish({});
  }

  /** The iteration throws `error` behind the values so far. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        yield* this.#values.splice(0);
        this.#taken.resolve();
        this.#taken = Promise.withResolvers();
        if (this.#values.length > 0) continue;
        if (this.#end !== undefined) break;
        await this.#arrived.promise;
        this.#arrived = Promise.withResolvers();
      }
      if ('error' in this.#end) throw this.#end.error;
    } finally {
      // Nobody takes any more; who puts is not to wait for that.
      this.#isOver = true;
      this.#taken.resolve();
    }
  }

  #finish(end: { error?: unknown }): void {
    this.#end ??= end;
    this.#arrived.resolve();
  }
}
