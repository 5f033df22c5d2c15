import { RemotingError } from '@holdfast/protocol';
import { runWithin } from './run-within.ts';

/** Times of an account's expiry. */
export type ExpiryLimits = {
  /** For chage(1) to answer. */
  lookupMs: number;
  /** Starting it costs a login some milliseconds: so long what it said counts, and who comes again need not pay them. */
  expiryKnownMs: number;
};

/**
 * Whether the account that this process runs as has expired (shadow(5)), as PAM asks for sshd on Debian. chage(1) tells
 * everybody of their own account, so no root is needed. Where there is no chage, or the account is a directory service's,
 * nothing is known of an expiry.
 */
export class AccountExpiry {
  readonly #user: string;
  readonly #limits: ExpiryLimits;
  #problem: Promise<string | undefined> = Promise.resolve(undefined);
  #askedAt = -Infinity;

  constructor(user: string, limits: ExpiryLimits) {
    this.#user = user;
    this.#limits = limits;
  }

  /** Why nobody may log in as the user now, as known `expiryKnownMs` ago at most. @throws RemotingError OperationTimedOut */
  problem(): Promise<string | undefined> {
    const now = performance.now();
    if (now - this.#askedAt < this.#limits.expiryKnownMs) return this.#problem;
    this.#askedAt = now;
    const problem = this.#ask();
    this.#problem = problem;
    // Nothing was said that could count.
    problem.catch(() => (this.#askedAt = -Infinity));
    return problem;
  }

  async #ask(): Promise<string | undefined> {
    try {
      const env = { ...process.env, LC_ALL: 'C' };
      const listing = await runWithin(this.#limits.lookupMs, ['chage', '-l', this.#user], { env });
      return expiryProblem(this.#user, listing, Date.now());
    } catch (error) {
      // What hangs may be what would say no: as with getent, nobody comes in by it.
      if (error instanceof RemotingError) throw error;
      // No chage, or an account that is not of this machine.
      return undefined;
    }
  }
}

/** The verdict on what `chage -l` prints: from the day on that it names, nobody logs in any more. */
export function expiryProblem(user: string, listing: string, now: number): string | undefined {
  const [, day = ''] = /^Account expires[ \t]*: (.+)$/m.exec(listing) ?? [];
  return now >= Date.parse(`${day} UTC`) ? `The account ${user} has expired (${day})` : undefined;
}
