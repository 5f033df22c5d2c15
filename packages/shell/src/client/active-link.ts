import {
  CloseCode,
  FrameScheduler,
  Link,
  RemotingError,
  type AnyEvent,
  type ChannelFrame,
  type CloseReason,
  type FrameSource,
  type ReplyOf,
  type RequestOf,
  type RequestType,
} from '@holdfast/protocol';
import type { ClientSettings } from './client-settings.ts';
import { Heartbeat } from './heartbeat.ts';
import type { DialedLink } from './link-keeper.ts';

/** Requests that make a tie, and say with which of the client's links they came: one that comes late must not take it back. */
const TIES: ReadonlySet<RequestType> = new Set([
  'session.open',
  'session.connect',
  'session.watch',
  'exec.start',
  'connection.resume',
]);

/** What a link tells the connection that uses it. */
export type ActiveLinkListeners = {
  onEvent: (channel: number, event: AnyEvent) => void;
  onChannelFrame: (frame: ChannelFrame) => void;
  onSuspect: (link: ActiveLink, reason: string) => void;
  onRecovered: (link: ActiveLink) => void;
  onClosed: (link: ActiveLink, reason: CloseReason) => void;
  /** Some channel has sent what is not answered. */
  isWaiting: () => boolean;
};

/** One authenticated link, with the queue of what leaves over it and the watch over its life. */
export class ActiveLink {
  /** Which of the connection's links this is, counted from 0. */
  readonly #attempt: number;
  readonly #link: Link;
  readonly #scheduler: FrameScheduler;
  readonly #closeMs: number;
  readonly #heartbeat: Heartbeat;
  readonly #since = performance.now();
  #pending = 0;
  /** What came before the link was begun. */
  #early: (() => void)[] | undefined = [];

  /** To be made in the turn in which the transport came, so that no frame is missed. */
  constructor(
    { transport, handOver, attempt }: DialedLink & { attempt: number },
    settings: ClientSettings,
    listeners: ActiveLinkListeners,
  ) {
    this.#attempt = attempt;
    this.#closeMs = settings.closeMs;
    this.#link = new Link(transport, {
      onEvent: (channel, event) => {
        this.#heartbeat.noteReceived();
        // It is about the link itself, which may close right behind it.
        if (event.type === 'connection.goaway') listeners.onEvent(channel, event);
        else this.#whenBegun(() => listeners.onEvent(channel, event));
      },
      onChannelFrame: (frame) => {
        this.#heartbeat.noteReceived();
        this.#whenBegun(() => listeners.onChannelFrame(frame));
      },
      onRoundTrip: (milliseconds) => this.#heartbeat.noteRoundTrip(milliseconds),
      onDrain: () => this.#scheduler.onDrain(),
      onClose: (reason) => {
        this.#heartbeat.stop();
        listeners.onClosed(this, reason);
      },
    });
    this.#scheduler = new FrameScheduler(transport);
    this.#heartbeat = new Heartbeat(this.#link, settings, {
      onSuspect: (reason) => listeners.onSuspect(this, reason),
      onRecovered: () => listeners.onRecovered(this),
      onDead: (reason) => {
        this.terminate();
        listeners.onClosed(this, { code: CloseCode.lost, reason });
      },
      isWaiting: () => this.#pending > 0 || listeners.isWaiting(),
    });
    handOver?.();
  }

  get closed(): boolean {
    return this.#link.closed !== undefined;
  }

  get roundTripMs(): number | undefined {
    return this.#heartbeat.roundTripMs;
  }

  /** When the last sign of life came, performance.now() milliseconds; not before a pause of this machine. */
  get heardAt(): number {
    return this.#heartbeat.heardAt;
  }

  /** Milliseconds since it was made. */
  get ageMs(): number {
    return performance.now() - this.#since;
  }

  /** Requests that wait for their answer. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Gives on what comes for channels, from the first frame: until now it waited, since what goes on over this link must hear
   * first how the host goes on, and both may come in one piece.
   */
  begin(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const giveOn of early) giveOn();
  }

  send(frame: Buffer): void {
    this.#link.transport.send(frame);
  }

  /** Says that `source` has something to send, which wants an answer. */
  wake(source: FrameSource): void {
    this.#scheduler.wake(source);
    this.#heartbeat.noteSent();
  }

  forget(source: FrameSource): void {
    this.#scheduler.remove(source);
  }

  /** Sent in this turn. @throws as Link.request */
  async request<T extends RequestType>(type: T, body: RequestOf<T>, signal?: AbortSignal): Promise<ReplyOf<T>> {
    this.#pending += 1;
    try {
      const reply = this.#link.request(type, TIES.has(type) ? { ...body, attempt: this.#attempt } : body, signal);
      this.#heartbeat.noteSent();
      return await reply;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Asks for a sign of life. */
  probe(): void {
    this.#heartbeat.probe();
  }

  /** Ends it at once. */
  terminate(): void {
    this.#heartbeat.stop();
    this.#link.transport.terminate();
  }

  /** Ends it when what was sent is out, or `closeMs` later. */
  close(): void {
    this.#heartbeat.stop();
    this.#link.close(CloseCode.normal, 'The client is done');
    setTimeout(() => this.#link.transport.terminate(), this.#closeMs).unref();
  }

  #whenBegun(giveOn: () => void): void {
    if (this.#early === undefined) giveOn();
    else this.#early.push(giveOn);
  }
}

/** True for the error of a request whose link went before the answer came. */
export function isLinkLost(error: unknown): boolean {
  return error instanceof RemotingError && error.id === 'ConnectionLost';
}
