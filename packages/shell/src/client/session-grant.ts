import type { Grant } from '@holdfast/protocol';

/** Another user who may attach to a session, as a property of it. */
export class SessionGrant {
  readonly User: string;
  readonly Access: 'Read' | 'Write';
  /** Absent: until the session ends. */
  readonly ExpiresOn: Date | undefined;

  constructor({ user, access, expiresAt }: Grant) {
    this.User = user;
    this.Access = access === 'read' ? 'Read' : 'Write';
    this.ExpiresOn = expiresAt === undefined ? undefined : new Date(expiresAt);
  }

  toString(): string {
    return `${this.User}: ${this.Access}`;
  }
}
