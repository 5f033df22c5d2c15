import { REFUSED, type TimedEvent } from '../record/event-table.ts';

/** Events were not kept, since they could not be written for too long; the detail says how many. */
const LOST = 'events.lost';

/**
 * Events that wait to be written, up to a bound. Above it they are counted, and the count is an event itself. Strangers
 * make refusals, as many as they like: those take up half of the room at most.
 */
export class WaitingEvents {
  readonly #max: number;
  #events: TimedEvent[] = [];
  #lost = 0;
  #lostSince = 0;

  /** @param max events that are kept */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many wait, those that are only counted among them. */
  get length(): number {
    return this.#events.length + this.#lost;
  }

  /** How many were not kept. */
  get lost(): number {
    return this.#lost;
  }

  add(event: TimedEvent): void {
    const room = event.type === REFUSED ? Math.ceil(this.#max / 2) : this.#max;
    if (this.#events.length < room) {
      this.#events.push(event);
      return;
    }
    if (this.#lost === 0) this.#lostSince = event.time;
    this.#lost += 1;
  }

  /** The oldest, at most `count`; behind the last of them, the number of those that were lost. They go on waiting. */
  oldest(count: number): TimedEvent[] {
    const events = this.#events.slice(0, count);
    if (this.#lost === 0 || events.length === count) return events;
    const detail = `${this.#lost} events since ${new Date(this.#lostSince).toISOString()} could not be kept`;
    return [...events, { type: LOST, time: Date.now(), detail }];
  }

  /** Notes that what oldest() returned is written. */
  remove(written: readonly TimedEvent[]): void {
    this.#events.splice(0, written.length);
    if (written.at(-1)?.type === LOST) this.#lost = 0;
  }
}
