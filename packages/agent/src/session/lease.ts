import { RemotingError } from '@holdfast/protocol';
import type { Attachment } from './attachment.ts';
import { nextAttempt, type ClientIdentity, type TieRequest } from './channel-port.ts';

/** What happens when nobody holds a session any more. */
export type LeaseListeners = {
  /** The holder did not come back within the grace time. */
  onGraceOver: () => void;
  /** Nobody connected within the idle timeout. */
  onExpired: () => void;
};

/** Former attachments whose end is remembered, for clients that come back late. */
const KEPT_ENDS = 64;

/** What is remembered of an attachment that ended. */
type Ended = { clientId: string; tieId: string | undefined; attempt: number; reason: RemotingError };

/** Who holds a session's keyboard, and the clocks that run when nobody does. */
export class Lease {
  readonly #graceMs: number;
  readonly #listeners: LeaseListeners;
  readonly #ends = new Map<string, Ended>();
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

  /** Why the attachment `id` ended; undefined for one that was never here. */
  endOf(id: string): RemotingError | undefined {
    return this.#ends.get(id)?.reason;
  }

  /**
   * The attachment that this same request made before, its answer being lost; undefined when it is to make one.
   * @throws RemotingError ConnectionLost for a request that comes late over an old link; SessionTaken when what it made
   *   was taken since
   */
  madeBy(client: ClientIdentity, { tieId, attempt }: TieRequest): Attachment | undefined {
    if (tieId === undefined) return undefined;
    const holder = this.#attachment;
    if (holder?.tieId === tieId && holder.client.clientId === client.clientId) return holder;
    const isIt = (other: Ended): boolean => other.tieId === tieId && other.clientId === client.clientId;
    const ended = [...this.#ends.values()].findLast(isIt);
    if (ended === undefined) return undefined;
    nextAttempt(ended.attempt, attempt);
    if (ended.reason.id === 'SessionTaken') throw ended.reason;
    return undefined;
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

  /** Ends the holder's attachment for `reason`, of which it is told if it comes back. */
  end(reason: RemotingError): void {
    const ended = this.#attachment;
    if (ended === undefined) return;
    this.#attachment = undefined;
    ended.end();
    const { id, tieId, attempt } = ended;
    this.#ends.set(id, { clientId: ended.client.clientId, tieId, attempt, reason });
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > KEPT_ENDS && oldest !== undefined) this.#ends.delete(oldest);
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
