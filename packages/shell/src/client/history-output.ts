import { ReplayFilter } from '../terminal/replay-filter.ts';

/** Output behind `from` up to `to` that a terminal may not be given as it is. */
type Stretch = { readonly from: number; readonly to: number; readonly filter: ReplayFilter };

/** Output that a terminal is shown late: of the past, which asks and rings nothing; or with questions that were answered. */
export class HistoryOutput {
  #stretches: Stretch[];

  /** @param to offset behind the output of the past */
  constructor(to: number) {
    this.#stretches = [{ from: 0, to, filter: new ReplayFilter() }];
  }

  /** The host has answered what is asked in these stretches. */
  answered(stretches: readonly { from: number; to: number }[]): void {
    for (const { from, to } of stretches) {
      const past = this.#stretches[0]?.to ?? 0;
      this.#stretches.push({ from: Math.max(from, past), to, filter: new ReplayFilter('questions') });
    }
  }

  /** Where what was handed out up to `offset` must be cut at the latest. */
  borderAfter(offset: number): number {
    const borders = this.#stretches.flatMap(({ from, to }) => [from, to]);
    return Math.min(...borders.filter((border) => border > offset), Infinity);
  }

  /** What of output up to `end` may be shown; a sequence that goes on behind its stretch is not of that. */
  shown(bytes: Buffer, end: number): Buffer {
    const stretch = this.#stretches.find(({ from, to }) => from < end && end <= to);
    if (stretch === undefined) return bytes;
    const shown = stretch.filter.push(bytes);
    return end < stretch.to ? shown : Buffer.concat([shown, stretch.filter.rest()]);
  }
}
