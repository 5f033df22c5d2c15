import { ReplayFilter } from '../terminal/replay-filter.ts';

/** Output of the past that a terminal is shown again: it asks and rings nothing. */
export class HistoryOutput {
  readonly #to: number;
  readonly #filter = new ReplayFilter();

  /** @param to offset behind it */
  constructor(to: number) {
    this.#to = to;
  }

  /** Where what was handed out up to `offset` must be cut at the latest. */
  borderAfter(offset: number): number {
    return offset < this.#to ? this.#to : Infinity;
  }

  /** What of output up to `end` may be shown; a sequence that goes on behind the history is not of the past. */
  shown(bytes: Buffer, end: number): Buffer {
    if (end > this.#to) return bytes;
    const shown = this.#filter.push(bytes);
    return end < this.#to ? shown : Buffer.concat([shown, this.#filter.rest()]);
  }
}
