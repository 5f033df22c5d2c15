import type { ChannelPort } from './channel-port.ts';
import type { SessionEvents } from './session-events.ts';

/** The events of a session that one attachment has not been told. */
export class EventFeed {
  readonly #events: SessionEvents;
  readonly #attachmentId: string;
  /** The last event before the attachment began. */
  readonly #before: number;
  #told: number;

  constructor(events: SessionEvents, attachmentId: string) {
    this.#events = events;
    this.#attachmentId = attachmentId;
    this.#before = events.last;
    this.#told = this.#before;
  }

  /**
   * Goes on behind event `eventsTo`. A client that was told nothing yet names 0; what happened to those before it (their
   * session was taken) is not its own.
   */
  resume(eventsTo: number): void {
    this.#told = Math.min(Math.max(eventsTo, this.#before), this.#events.last);
  }

  /** Tells what is to be told now, once. */
  tell(port: ChannelPort | undefined): void {
    const events = this.#events.tell(this.#told, this.#attachmentId);
    this.#told = Math.max(this.#told, this.#events.last);
    for (const event of events) port?.sendEvent(event);
  }
}
