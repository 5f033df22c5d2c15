/**
 * Walks through the lines entered so far, from the line being edited back and forth. A line changed on the way keeps
 * its change until the walk ends, as in readline.
 */
export class HistoryWalk {
  readonly #lines: string[];
  #at: number;

  /** @param entries oldest first */
  constructor(entries: readonly string[]) {
    this.#lines = [...entries, ''];
    this.#at = entries.length;
  }

  /** Goes `by` lines (negative: older), leaving `current` behind. @returns that line, or undefined beyond the ends */
  move(by: number, current: string): string | undefined {
    const target = Math.min(Math.max(0, this.#at + by), this.#lines.length - 1);
    if (target === this.#at) return undefined;
    this.#lines[this.#at] = current;
    this.#at = target;
    return this.#lines[target];
  }
}
