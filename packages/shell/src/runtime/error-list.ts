import type { ErrorRecord } from './error-record.ts';

/** `$Error`: the newest first; a list that can be changed, as .NET's ArrayList. */
export class ErrorList extends Array<ErrorRecord> {
  readonly #most: number;

  /** @param most records that are kept */
  constructor(most: number) {
    super();
    this.#most = most;
  }

  // What is made of it by slice, filter and the like is an ordinary array.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Puts a record in front; the oldest goes where there are too many. */
  add(record: ErrorRecord): void {
    this.unshift(record);
    this.length = Math.min(this.length, this.#most);
  }
}
