import type { SessionEvent } from '@holdfast/protocol';

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never;

/** An event before it has its number. */
export type SessionEventBody = WithoutSeq<SessionEvent>;

/** Events that a client may still ask for after a cut. */
const KEPT_EVENTS = 4096;

/** A session's events, numbered from 1; the last ones are kept for clients that resume. */
export class SessionEvents {
  /** Told of each event before any client is; of output that is discarded, every time. */
  onEvent: ((body: SessionEventBody) => void) | undefined;
  #events: { event: SessionEvent; only: string | undefined }[] = [];
  #last = 0;
  #told = 0;

  /** Number of the last event, 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Numbers an event and keeps it, for every attachment or `only` for that one. */
  add(body: SessionEventBody, only?: string): void {
    this.onEvent?.(body);
    this.#last += 1;
    this.#events.push({ event: { ...body, seq: this.#last }, only });
    if (this.#events.length >= 2 * KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS);
  }

  /** The events behind number `seq` that are still kept, in order; the caller tells the client of an attachment of them. */
  tell(seq: number, attachmentId: string): readonly SessionEvent[] {
    if (seq >= this.#last) return [];
    this.#told = this.#last;
    const kept = this.#events.slice(Math.max(0, this.#events.length - (this.#last - seq)));
    return kept.flatMap(({ event, only }) => (only === undefined || only === attachmentId ? [event] : []));
  }

  /** Widens the last event to `to`, if it is a gap that ends at `from` and nobody has been told of it. */
  widenGap(from: number, to: number): boolean {
    const last = this.#events.at(-1)?.event;
    if (last?.type !== 'output.dropped' || last.to !== from || this.#told === this.#last) return false;
    this.onEvent?.({ type: last.type, at: from, to });
    this.#events[this.#events.length - 1] = { event: { ...last, to }, only: undefined };
    return true;
  }
}
