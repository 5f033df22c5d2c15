import {
  RemotingError,
  type AttachmentRole,
  type EventOf,
  type FrameSource,
  type SessionEvent,
} from '@holdfast/protocol';

/** One numbered channel of a client's link, as sessions see it. */
export interface ChannelPort {
  readonly channel: number;
  /** Milliseconds since the client's last sign of life, as its gateway tells; 0 on a link without one. */
  readonly silentMs: number;
  /** Says that `source` may have frames to send. */
  wake(source: FrameSource): void;
  /** Sends one frame out of turn: an acknowledgement. */
  send(frame: Buffer): void;
  sendEvent(event: SessionEvent | EventOf<'input.refused'>): void;
  /** Nothing more goes through; frames that still come in on the channel are ignored. */
  release(source: FrameSource): void;
}

/** What a channel's frames from the client go to. */
export interface ChannelEnd {
  /** @throws RemotingError ProtocolViolation when bytes are missing */
  onData(offset: number, payload: Buffer): void;
  /** @throws RemotingError ProtocolViolation when it acknowledges what was never sent */
  onAck(received: number, limit: number): void;
  /** No input follows `at`. */
  onEnd(at: number): void;
  /** The client's link is lost; `port` is the one that is gone. */
  onLinkLost(port: ChannelPort): void;
}

/** Where a client resumes a channel; `attempt` counts its links, so that a late request over an old one is known. */
export type ResumePoint = { receivedTo: number; limit: number; eventsTo: number; attempt?: number | undefined };

/** What a client asks for a tie with: the id is the same when it asks again, on another link, for want of an answer. */
export type TieRequest = { tieId?: string | undefined; attempt?: number | undefined };

/**
 * The count of the link that carries a channel from now on.
 * @throws RemotingError ConnectionLost when one with a higher count has carried it before
 */
export function nextAttempt(current: number, asked: number | undefined): number {
  if (asked === undefined || asked >= current) return asked ?? current;
  throw new RemotingError('ConnectionLost', 'A newer link carries this channel');
}

/** Who holds or asks, as it is shown to others. */
export type ClientIdentity = { clientId: string; client: string; address: string; user: string };

/** Clients name their ids themselves, and others see them; who a user is, the gateway says. */
export function isSameClient(one: ClientIdentity, other: ClientIdentity): boolean {
  return one.clientId === other.clientId && one.user === other.user;
}

/** Whose an attachment is, the count by which it is known, what it is for, and whether its terminal counts for the size. */
export type MadeFor = TieRequest & { client: ClientIdentity; number: number; role: AttachmentRole; sizing: boolean };
