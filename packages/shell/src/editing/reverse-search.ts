import { previousBoundary } from './line-buffer.ts';

/** A search backwards through the history, as the prompt shows it. */
export type SearchState = { readonly query: string; readonly found: string | undefined; readonly failed: boolean };

/** Ctrl-R: finds the newest line that holds what was typed; again, the one before it. */
export class ReverseSearch {
  readonly #entries: readonly string[];
  #query = '';
  #at: number;
  #failed = false;

  /** @param entries oldest first */
  constructor(entries: readonly string[]) {
    this.#entries = entries;
    this.#at = entries.length;
  }

  get state(): SearchState {
    return { query: this.#query, found: this.#entries[this.#at], failed: this.#failed };
  }

  /** Narrows the search by more text; the line found so far stays if it still fits. */
  type(text: string): void {
    this.#query += text;
    this.#find(Math.min(this.#at, this.#entries.length - 1));
  }

  /** Takes the last character back and searches from the newest line again. */
  erase(): void {
    this.#query = this.#query.slice(0, previousBoundary(this.#query, this.#query.length));
    this.#at = this.#entries.length;
    this.#failed = false;
    if (this.#query !== '') this.#find(this.#entries.length - 1);
  }

  /** The next older line that fits. */
  older(): void {
    if (this.#query !== '') this.#find(this.#at - 1);
  }

  #find(from: number): void {
    for (let at = from; at >= 0; at--) {
      if (!this.#entries[at]?.includes(this.#query)) continue;
      this.#at = at;
      this.#failed = false;
      return;
    }
    this.#failed = true;
  }
}
