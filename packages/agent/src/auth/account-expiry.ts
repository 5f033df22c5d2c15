import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOKUP_TIMEOUT_MS = 5000;

/** Starting chage(1) costs a login some milliseconds; who comes again soon need not pay them. */
const KNOWN_MS = 60_000;

/**
 * Whether the account that this process runs as has expired (shadow(5)), as PAM asks for sshd on Debian. chage(1) tells
 * everybody of their own account, so no root is needed. Where there is no chage, or the account is a directory service's,
 * nothing is known of an expiry.
 */
export class AccountExpiry {
  readonly #user: string;
  #problem: Promise<string | undefined> = Promise.resolve(undefined);
  #askedAt = -Infinity;

  constructor(user: string) {
    this.#user = user;
  }

  /** Why nobody may log in as the user now, as known a minute ago at most. */
  problem(): Promise<string | undefined> {
    const now = performance.now();
    if (now - this.#askedAt < KNOWN_MS) return this.#problem;
    this.#askedAt = now;
    this.#problem = this.#ask();
    return this.#problem;
  }

  async #ask(): Promise<string | undefined> {
    try {
      const env = { ...process.env, LC_ALL: 'C' };
      const { stdout } = await run('chage', ['-l', this.#user], { env, timeout: LOOKUP_TIMEOUT_MS });
      return expiryProblem(this.#user, stdout, Date.now());
    } catch {
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
