/** More hosts than run while a gateway does. */
const MAX_HOSTS = 1000;

/** How much output session hosts have discarded since the first look at them, while hosts come and go. */
export class DroppedOutput {
  /** What each host said last; those that did not answer since may do so again. */
  readonly #known = new Map<string, number>();
  #isFirstLook = true;
  #bytes = 0;

  /**
   * Takes in what the hosts say that answer.
   * @param dropped bytes since the start of each host, by its generation
   * @returns bytes in all, never less than before
   */
  look(dropped: Readonly<Record<string, number>>): number {
    for (const [generation, bytes] of Object.entries(dropped)) {
      const before = this.#known.get(generation) ?? (this.#isFirstLook ? bytes : 0);
      this.#bytes += Math.max(0, bytes - before);
      this.#known.delete(generation);
      this.#known.set(generation, bytes);
    }
    for (const [generation] of this.#known) if (this.#known.size > MAX_HOSTS) this.#known.delete(generation);
    this.#isFirstLook = false;
    return this.#bytes;
  }
}
