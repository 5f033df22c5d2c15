import { RemotingError, type SessionEvent, type SessionInfo } from '@holdfast/protocol';
import { applyEvent } from './session-info-events.ts';

/** No reply is overtaken by more events than this. */
const RECENT_EVENTS = 32;

/** What the host said last of a session, kept current by the session's events. */
export class CurrentInfo {
  #value: SessionInfo | undefined;
  #wanted: string | undefined;
  #recentEvents: SessionEvent[] = [];

  /** What comes is to be about the session `instanceId`; without this, about the same as what comes first. */
  expect(instanceId: string): void {
    this.#wanted = instanceId;
  }

  /** Undefined until the host has said something. */
  get value(): SessionInfo | undefined {
    return this.#value;
  }

  /**
   * Takes a reply. It may be older than an event that was told before it came: then that event still counts.
   * @throws RemotingError ProtocolViolation for one about another session: the host may be another user's invention
   */
  update(info: SessionInfo): void {
    this.#wanted ??= info.instanceId;
    if (info.instanceId !== this.#wanted) {
      const message = `The host answered with session ${info.instanceId}, not with ${this.#wanted}`;
      throw new RemotingError('ProtocolViolation', message);
    }
    this.#value = this.#recentEvents.filter((event) => event.seq > info.eventsTo).reduce(applyEvent, info);
  }

  apply(event: SessionEvent): void {
    this.#recentEvents = [...this.#recentEvents.slice(1 - RECENT_EVENTS), event];
    if (this.#value !== undefined && event.seq > this.#value.eventsTo) this.#value = applyEvent(this.#value, event);
  }
}
