import type { ChannelFrame, FrameSource, ReplyOf, RemotingError, RequestOf, SessionEvent } from '@holdfast/protocol';

export type ResumeEntry = RequestOf<'connection.resume'>['channels'][number];
export type ResumedEntry = ReplyOf<'connection.resume'>['channels'][number];

/** Something with channels on a link that outlives it: a session, a one-shot command. */
export interface LinkChannel extends FrameSource {
  /** The first is the one with input. */
  readonly numbers: readonly number[];
  /** A person looks at it, or a program waits for it. */
  readonly watched: boolean;
  /** Something was sent on the link and is not answered. */
  readonly waiting: boolean;
  onFrame: (frame: ChannelFrame) => void;
  onEvent: (event: SessionEvent) => void;
  /** What to ask for on a new link; empty while there is nothing to go on with. */
  resumeEntries: () => ResumeEntry[];
  /** The answer to each entry; frames may be sent from now on. */
  onResumed: (entries: readonly ResumedEntry[]) => void;
  /** The connection is over for good. */
  onConnectionClosed: (error: RemotingError) => void;
}
