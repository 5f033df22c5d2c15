import type { Randomness } from './randomness.ts';

/** Some of many, each with the same chance, however many come (reservoir sampling: Vitter, algorithm R). */
export class Sample<T> {
  readonly items: T[] = [];
  readonly #most: number;
  readonly #random: Randomness;
  #seen = 0;

  /** @param most how many are kept */
  constructor(most: number, random: Randomness) {
    this.#most = most;
    this.#random = random;
  }

  add(item: T): void {
    this.#seen += 1;
    const at = this.items.length < this.#most ? this.items.length : this.#random.below(this.#seen);
    if (at < this.#most) this.items[at] = item;
  }
}
