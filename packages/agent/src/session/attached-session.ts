import type { ByteSource } from '@holdfast/protocol';
import type { SessionEvents } from './session-events.ts';
import type { SessionProgram } from './session-program.ts';
import type { Painter } from './watched-screen.ts';

/** What an attachment needs of its session. */
export interface AttachedSession<Attachment> {
  readonly output: ByteSource;
  readonly events: SessionEvents;
  /** Paints the screen for one that watches, at the most once in `watchIntervalMs`. */
  readonly paint: Painter;
  readonly watchIntervalMs: number;
  /** Whether the client may type now. */
  takesInput(attachment: Attachment): boolean;
  /** Keys of the client, each byte once. */
  onInput(bytes: Buffer, attachment: Attachment): void;
  /** Frames left, or the client acknowledged: what is unsent or undelivered has changed. */
  onOutputMoved(attachment: Attachment): void;
  /** Output that was kept cannot be read any more. */
  onOutputLost(error: unknown): void;
  onLinkLost(attachment: Attachment): void;
  onLinkBack(attachment: Attachment): void;
  /** The client resumed while the snapshot that it was sent may be incomplete. */
  onSnapshotLost(attachment: Attachment): void;
}

/** What attendance needs of its session. */
export interface AttendedSession<Attachment> extends AttachedSession<Attachment> {
  readonly name: string;
  readonly program: SessionProgram;
  /** An attachment is no more. */
  onTieEnded(): void;
}
