import type { RemotingError } from '@holdfast/protocol';
import type { Attachment } from './attachment.ts';
import { nextAttempt, type ClientIdentity, type TieRequest } from './channel-port.ts';

/** Former attachments whose end is remembered, for clients that come back late. */
const KEPT_ENDS = 64;

/** What is remembered of an attachment that ended. */
type Ended = { clientId: string; tieId: string | undefined; attempt: number; reason: RemotingError };

/** A session's attachments that have ended, and why. */
export class FormerTies {
  readonly #ends = new Map<string, Ended>();
  readonly #onEnded: () => void;

  /** @param onEnded told of each attachment that has ended */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  /** Ends an attachment for `reason`, of which its client is told if it comes back. */
  end(attachment: Attachment, reason: RemotingError): void {
    attachment.end();
    const { id, tieId, attempt, client } = attachment;
    this.#ends.set(id, { clientId: client.clientId, tieId, attempt, reason });
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > KEPT_ENDS && oldest !== undefined) this.#ends.delete(oldest);
    this.#onEnded();
  }

  /** Why the attachment `id` ended; undefined for one that was never here. */
  reasonOf(id: string): RemotingError | undefined {
    return this.#ends.get(id)?.reason;
  }

  /**
   * Lets a request pass that asks for a tie, unless it is the one that made a former tie and comes late.
   * @throws RemotingError ConnectionLost for one over an old link; SessionTaken when what it made was taken since
   */
  assertNew(client: ClientIdentity, { tieId, attempt }: TieRequest): void {
    const isIt = (other: Ended): boolean => other.tieId === tieId && other.clientId === client.clientId;
    const ended = [...this.#ends.values()].findLast(isIt);
    if (ended === undefined || tieId === undefined) return;
    nextAttempt(ended.attempt, attempt);
    if (ended.reason.id === 'SessionTaken') throw ended.reason;
  }
}
