import { readFileSync, readdirSync } from 'node:fs';

/** A count is used again for so long: it costs a look at each open descriptor. */
const COUNT_MS = 200;

/**
 * How many descriptors this process may still open, so that what is new can be refused with the reason while what is there
 * has those that it needs. Linux only; elsewhere there are always enough.
 */
export class FreeDescriptors {
  #countedAt = -Infinity;
  #free = Infinity;

  /**
   * Whether there are `needed` more, which are taken to be used from now on.
   * @param kept so many are left besides
   */
  take(needed: number, kept: number): boolean {
    if (performance.now() - this.#countedAt >= COUNT_MS) this.#count();
    if (this.#free < needed + kept) return false;
    this.#free -= needed;
    return true;
  }

  #count(): void {
    this.#countedAt = performance.now();
    try {
      const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
      // The list itself takes one.
      this.#free = Number(limit ?? Infinity) - readdirSync('/proc/self/fd').length + 1;
    } catch (error) {
      const isOut = error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
      this.#free = isOut ? 0 : Infinity;
    }
  }
}
