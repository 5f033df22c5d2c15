/** Whether a shell is at its prompt; who needs it there can wait for that. */
export class Readiness {
  #is = false;
  #wasAtEnd = false;
  #wait: PromiseWithResolvers<void> | undefined;

  get is(): boolean {
    return this.#is;
  }

  /** It was there until there was no shell any more. */
  get wasAtEnd(): boolean {
    return this.#wasAtEnd;
  }

  set(is: boolean): void {
    this.#is = is;
    if (is) this.#release();
  }

  /** It will be there no more. */
  end(): void {
    this.#wasAtEnd = this.#is;
    this.#is = false;
    this.#release();
  }

  /** Resolves when it is there, or never will be. */
  async until(): Promise<void> {
    if (this.#is) return;
    this.#wait ??= Promise.withResolvers();
    await this.#wait.promise;
  }

  #release(): void {
    this.#wait?.resolve();
    this.#wait = undefined;
  }
}
