import type { Grant } from '@holdfast/protocol';
import { IdleClock } from './idle-clock.ts';

/** What another user may do with a session, and until when; `forMs` is the time from now. */
export type GrantWish = { user: string; access: Grant['access']; forMs?: number | undefined };

type Entry = { access: Grant['access']; clock: IdleClock | undefined };

/** The users beside its owner who may attach to a session. They go with it. */
export class Grants {
  readonly #entries = new Map<string, Entry>();
  readonly #lookMs: number;
  readonly #onLapsed: (user: string) => void;

  /**
   * @param lookMs how soon after a sleep of this machine it is known that a grant's time is over, in milliseconds
   * @param onLapsed the time of the user's grant is over
   */
  constructor(lookMs: number, onLapsed: (user: string) => void) {
    this.#lookMs = lookMs;
    this.#onLapsed = onLapsed;
  }

  get list(): Grant[] {
    return [...this.#entries].map(([user, { access, clock }]) => {
      return clock === undefined ? { user, access } : { user, access, expiresAt: clock.overAt };
    });
  }

  /** What `user` may do now; undefined: nothing. */
  accessOf(user: string): Grant['access'] | undefined {
    const entry = this.#entries.get(user);
    // After a sleep of this machine that may be seen before the clock tells.
    if (entry?.clock?.isOver === true) this.#lapse(user);
    return this.#entries.get(user)?.access;
  }

  /** Lets a user in, or changes what they may do. */
  give({ user, access, forMs }: GrantWish): void {
    this.take(user);
    const clock = forMs === undefined ? undefined : new IdleClock(this.#lookMs, () => this.#lapse(user));
    this.#entries.set(user, { access, clock });
    clock?.start(forMs ?? 0);
  }

  /** Lets a user in no more. @returns whether they were let in */
  take(user: string): boolean {
    this.#entries.get(user)?.clock?.stop();
    return this.#entries.delete(user);
  }

  /** Ends all of them; nobody is told. */
  dispose(): void {
    for (const user of this.#entries.keys()) this.take(user);
  }

  #lapse(user: string): void {
    if (this.take(user)) this.#onLapsed(user);
  }
}
