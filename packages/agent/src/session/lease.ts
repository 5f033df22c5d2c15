import { RemotingError } from '@holdfast/protocol';
import type { Attachment } from './attachment.ts';
import { isSameClient, type ClientIdentity } from './channel-port.ts';
import { IdleClock } from './idle-clock.ts';

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
  readonly #idleClock: IdleClock;
  #grace: NodeJS.Timeout | undefined;

  constructor(times: { graceMs: number; idleTimeoutMs: number; idleLookMs: number }, listeners: LeaseListeners) {
    this.#graceMs = times.graceMs;
    this.#idleTimeoutMs = times.idleTimeoutMs;
    this.#listeners = listeners;
    this.#idleClock = new IdleClock(times.idleLookMs, listeners.onExpired);
  }

  /** Milliseconds that the session is kept while nobody holds it. */
  get idleTimeoutMs(): number {
    return this.#idleTimeoutMs;
  }

  /** While nobody holds the session, its idle clock begins anew. */
  set idleTimeoutMs(milliseconds: number) {
    this.#idleTimeoutMs = milliseconds;
    if (this.#disconnectedAt !== undefined) this.#idleClock.start(milliseconds);
  }

  get attachment(): Attachment | undefined {
    return this.#attachment;
  }

  /** Milliseconds since 1970; absent while somebody holds the session. */
  get disconnectedAt(): number | undefined {
    return this.#disconnectedAt;
  }

  get expiresAt(): number | undefined {
    return this.#disconnectedAt === undefined ? undefined : this.#idleClock.overAt;
  }

  /**
   * Whether `client` may take the session without force.
   * @throws RemotingError SessionHeldElsewhere with the holder's name and address
   */
  assertFreeFor(client: ClientIdentity, sessionName: string, takeAfterMs: number): void {
    const holder = this.#attachment;
    if (holder === undefined || isSameClient(holder.client, client)) return;
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
    this.stopClocks();
  }

  /** The holder's link is lost: its grace time begins. */
  startGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(this.#listeners.onGraceOver, this.#graceMs);
  }

  /** The holder's link is back. */
  endGrace(): void {
    clearTimeout(this.#grace);
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
    this.#idleClock.start(this.#idleTimeoutMs, this.#disconnectedAt);
  }

  /** Stops all clocks. */
  stopClocks(): void {
    clearTimeout(this.#grace);
    this.#idleClock.stop();
  }
}
