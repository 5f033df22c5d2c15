import type { ResumableLink } from './resumable-link.ts';
import type { SessionConnection } from './session-end.ts';

/** Where a session lives: its connection, and that connection's link. */
export type SessionHome<Session> = {
  connection: SessionConnection;
  link: ResumableLink;
  /** The session is held here from now on, after it was watched. */
  onHeld: (session: Session) => void;
  /** The session is not held here any more. */
  onOver: (session: Session) => void;
};
