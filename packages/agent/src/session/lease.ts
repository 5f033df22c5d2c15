import { RemotingError } from '@holdfast/protocol';
import type { Attachment } from './attachment.ts';
import type { ClientIdentity } from './channel-port.ts';

/** What happens when nobody holds a session any more. */
export type LeaseListeners = {
  /** The holder did not come back within the grace time. */
  onGraceOver: () => void;
  /** Nobody connected within the idle timeout. */
  onExpired: () => void;
};

/** Who holds a session's keyboard, and the clocks that run when nobody does. */
export class Lease {
  readonly #graceMs: number;
  readonly #listeners: LeaseListeners;
  #attachment: Attachment | undefined;
  #disconnectedAt: number | undefined;
  #idleTimeoutMs: number;
  /** When the idle clock began, milliseconds since 1970. */
  #idleSince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(times: { graceMs: number; idleTimeoutMs: number }, listeners: LeaseListeners) {
    this.#graceMs = times.graceMs;
    this.#idleTimeoutMs = times.idleTimeoutMs;
    this.#listeners = listeners;
  }

  /** Milliseconds that the session is kept while nobody holds it. */
  get idleTimeoutMs(): number {
    return this.#idleTimeoutMs;
  }

  /** While nobody holds the session, its idle clock begins anew. */
  set idleTimeoutMs(milliseconds: number) {
    this.#idleTimeoutMs = milliseconds;
    if (this.#disconnectedAt !== undefined) this.#restartIdleClock();
  }

  get attachment(): Attachment | undefined {
    return this.#attachment;
  }

  /** Milliseconds since 1970; absent while somebody holds the session. */
  get disconnectedAt(): number | undefined {
    return this.#disconnectedAt;
  }

  get expiresAt(): number | undefined {
    return this.#disconnectedAt === undefined ? undefined : this.#idleSince + this.#idleTimeoutMs;
  }

  /**
   * Whether `client` may take the session without force.
   * @throws RemotingError SessionHeldElsewhere with the holder's name and address
   */
  assertFreeFor(client: ClientIdentity, sessionName: string, takeAfterMs: number): void {
    const holder = this.#attachment;
    if (holder === undefined || holder.client.clientId === client.clientId) return;
    if (holder.silentMs >= takeAfterMs) return;
    const { client: name, address } = holder.client;
    throw new RemotingError(
      'SessionHeldElsewhere',
      `Session ${sessionName} is held by ${name} at ${address}: use -Force to take it`,
      { target: sessionName },
    );
  }

  /** The session is held by `attachment` from now on. */
  hold(attachment: Attachment): void {
    this.#attachment = attachment;
    this.#disconnectedAt = undefined;
    clearTimeout(this.#timer);
  }

  /** The holder's link is lost: its grace time begins. */
  startGrace(): void {
    this.#restart(this.#graceMs, this.#listeners.onGraceOver);
  }

  /** The holder's link is back. */
  endGrace(): void {
    clearTimeout(this.#timer);
  }

  /** The holder holds it no more; no clock begins yet. @returns who it was */
  drop(): Attachment | undefined {
    const holder = this.#attachment;
    this.#attachment = undefined;
    return holder;
  }

  /** Nobody holds the session from now on: the idle clock begins. */
  startIdleClock(): void {
    this.#disconnectedAt = Date.now();
    this.#restartIdleClock(this.#disconnectedAt);
  }

  /** Stops all clocks. */
  stopClocks(): void {
    clearTimeout(this.#timer);
  }

  #restartIdleClock(now = Date.now()): void {
    this.#idleSince = now;
    this.#restart(this.#idleTimeoutMs, this.#listeners.onExpired);
  }

  #restart(milliseconds: number, listener: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(listener, milliseconds);
  }
}
