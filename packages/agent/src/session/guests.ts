import type { AttachmentRole, Grant } from '@holdfast/protocol';
import type { Attendance } from './attendance.ts';
import { Grants, type GrantWish } from './grants.ts';
import type { SessionProgram } from './session-program.ts';

/** What guests need of the session that lets them in. */
export type Hosting = { readonly owner: string; readonly attendance: Attendance; readonly program: SessionProgram };

/** The users beside its owner whom a session lets in; what they may do no more ends at once. */
export class Guests {
  readonly #session: Hosting;
  readonly #grants: Grants;

  /**
   * @param lookMs as for Grants
   * @param onLapsed the time of a user's grant is over; told before their attachments end
   */
  constructor(session: Hosting, lookMs: number, onLapsed: (user: string) => void) {
    this.#session = session;
    this.#grants = new Grants(lookMs, (user) => {
      onLapsed(user);
      this.#endTies(user, this.#over);
    });
  }

  get grants(): Grant[] {
    return this.#grants.list;
  }

  /** What a client of `user` may attach for: the owner's for all, another's what was granted; nothing: not at all. */
  rolesFor(user: string): readonly AttachmentRole[] {
    const access = user === this.#session.owner ? 'write' : this.#grants.accessOf(user);
    if (access === undefined) return [];
    return access === 'write' ? ['keyboard', 'watching'] : ['watching'];
  }

  /** Lets a user attach, or changes what they may. */
  give(wish: GrantWish): void {
    this.#grants.give(wish);
    this.#endTies(wish.user, `${this.#session.owner}'s grant is for watching only now`);
  }

  /** Takes a grant back. @returns whether there was one */
  take(user: string): boolean {
    const isTaken = this.#grants.take(user);
    this.#endTies(user, this.#over);
    return isTaken;
  }

  /** Ends all grants; the attachments have ended, or do next. */
  dispose(): void {
    this.#grants.dispose();
  }

  get #over(): string {
    return `${this.#session.owner}'s grant has ended`;
  }

  /** Ends what a user may be attached for no more. What they typed and no program has is dropped, and they are told so. */
  #endTies(user: string, reason: string): void {
    const { attendance, program } = this.#session;
    const roles = this.rolesFor(user);
    const over = attendance.resumable.filter(({ client, role }) => client.user === user && !roles.includes(role));
    if (over.length === 0) return;
    const dropped = program.dropTyped(user);
    for (const attachment of over) {
      if (attachment.role === 'keyboard') attachment.settleInput(dropped, true);
      attendance.dismiss(attachment, reason);
    }
  }
}
