import { randomUUID } from 'node:crypto';
import {
  ChannelReceiver,
  ChannelSender,
  FrameKind,
  MAX_PAYLOAD,
  encodeData,
  type ByteSource,
  type Holder,
} from '@holdfast/protocol';
import {
  nextAttempt,
  type ChannelEnd,
  type ChannelPort,
  type ClientIdentity,
  type ResumePoint,
  type TieRequest,
} from './channel-port.ts';
import { InterruptLedger } from './interrupt-ledger.ts';
import type { SessionEvents } from './session-events.ts';

/** What an attachment needs of its session. */
export interface AttachedSession {
  readonly output: ByteSource;
  readonly events: SessionEvents;
  /** Keys of the client, each byte once. */
  onInput(bytes: Buffer): void;
  /** Frames left, or the client acknowledged: what is unsent or undelivered has changed. */
  onOutputMoved(attachment: Attachment): void;
  /** Output that was kept cannot be read any more. */
  onOutputLost(error: unknown): void;
  onLinkLost(attachment: Attachment): void;
  onLinkBack(attachment: Attachment): void;
  /** The client resumed while the snapshot that it was sent may be incomplete. */
  onSnapshotLost(attachment: Attachment): void;
}

/** One client's tie to a session: what it has seen and typed. It outlives the client's link by a grace time. */
export class Attachment implements ChannelEnd {
  readonly id: string = randomUUID();
  readonly client: ClientIdentity;
  readonly since = Date.now();
  /** Of the request that made it. */
  readonly tieId: string | undefined;
  readonly interrupts = new InterruptLedger();
  readonly #session: AttachedSession;
  readonly #input: ChannelReceiver;
  readonly #output: ChannelSender;
  #port: ChannelPort | undefined;
  /** When the client was heard last, while its link is lost. */
  #silentSince: number | undefined;
  #shown = false;
  /**
   * Where the bytes behind the last snapshot begin; a client that has not come so far lacks the snapshot. Infinity before
   * the first show, when there is nothing to acknowledge.
   */
  #snapshotEnd = Infinity;
  #snapshotFrames: Buffer[] = [];
  #showTurn = 0;
  /** The last event before it began. */
  readonly #eventsBefore: number;
  #eventsSent: number;
  /** False until the reply that made or resumed this attachment is on its way. */
  #started = false;
  #flushing = false;
  #flushTimer: NodeJS.Timeout | undefined;
  #ended = false;
  /** Count of the client's link that carries this attachment. */
  #attempt: number;

  constructor(session: AttachedSession, client: ClientIdentity, port: ChannelPort, { tieId, attempt }: TieRequest) {
    this.#session = session;
    this.client = client;
    this.tieId = tieId;
    this.#attempt = attempt ?? 0;
    this.#port = port;
    this.#eventsBefore = session.events.last;
    this.#eventsSent = this.#eventsBefore;
    this.#output = new ChannelSender(port.channel, session.output, session.output.end, session.output.end);
    this.#input = new ChannelReceiver(port.channel, (frame) => this.#port?.send(frame));
    this.#startSoon();
  }

  /** Whether the client's link is there. */
  get linked(): boolean {
    return this.#port !== undefined;
  }

  /** Milliseconds since the client's last sign of life; 0 while its link is there and no gateway knows better. */
  get silentMs(): number {
    return this.#silentSince === undefined ? (this.#port?.silentMs ?? 0) : performance.now() - this.#silentSince;
  }

  /** Count of the newest link that asked for it. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Whether output goes, or went until the link was lost, to a terminal that looks. */
  get shown(): boolean {
    return this.#shown;
  }

  /** Output that waits for this client; undefined while it does not look or its link is lost. */
  get backlogBytes(): number | undefined {
    return this.#shown && this.#port !== undefined ? this.#session.output.end - this.#output.sent : undefined;
  }

  /** The client has consumed all output below this offset. */
  get acknowledged(): number {
    return this.#output.acknowledged;
  }

  /** Input below this offset has been written to the program. */
  get inputReceived(): number {
    return this.#input.consumed;
  }

  get holder(): Holder {
    return { ...this.client, since: this.since, linked: this.linked };
  }

  /** Shows output from offset `from` on, behind a snapshot that stands for all before it, if there is one. */
  show(from: number, limit: number, snapshot?: Buffer): void {
    this.#shown = true;
    this.#output.restart(from, limit);
    this.#snapshotEnd = snapshot === undefined ? 0 : from;
    this.#snapshotFrames = snapshot === undefined ? [] : snapshotFrames(this.#output.channel, from, snapshot);
    this.#startSoon();
  }

  /** Stops showing; what is shown next must ask isCurrent() with the returned number first, if it took time. */
  hide(): number {
    this.#shown = false;
    this.#snapshotFrames = [];
    this.#showTurn += 1;
    return this.#showTurn;
  }

  /** Whether no other show or hide came, and the attachment did not end, since hide() returned `turn`. */
  isCurrent(turn: number): boolean {
    return !this.#ended && this.#showTurn === turn;
  }

  /**
   * Begins anew over another link: the answer to the request that made it was lost.
   * @throws RemotingError ConnectionLost when a newer link has come first
   */
  restart(port: ChannelPort, attempt: number | undefined): void {
    this.resume(port, { receivedTo: 0, limit: 0, eventsTo: this.#eventsBefore, attempt });
  }

  /**
   * Goes on over another link; one that is still there is replaced.
   * @throws RemotingError ConnectionLost when a newer link has come first
   */
  resume(port: ChannelPort, at: ResumePoint): void {
    this.#attempt = nextAttempt(this.#attempt, at.attempt);
    if (this.#port !== port) this.#port?.release(this);
    this.#port = port;
    this.#silentSince = undefined;
    this.#input.restart();
    // A client that was told nothing yet names 0; what happened to those before it (their session was taken) is not its own.
    this.#eventsSent = Math.min(Math.max(at.eventsTo, this.#eventsBefore), this.#session.events.last);
    this.#snapshotFrames = [];
    this.#started = false;
    if (this.#shown && at.receivedTo < this.#snapshotEnd) {
      this.#session.onSnapshotLost(this);
    } else {
      const { start, end } = this.#session.output;
      this.#output.restart(Math.min(end, Math.max(start, at.receivedTo)), at.limit);
      this.#startSoon();
    }
    this.#session.onLinkBack(this);
  }

  /**
   * Tells the client what it has not been told, and begins to send what can be sent.
   * @param withinMs now by default; else together with what comes in this time
   */
  flush(withinMs?: number): void {
    if (withinMs !== undefined) {
      this.#flushTimer ??= setTimeout(() => this.flush(), withinMs);
      return;
    }
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (!this.#started || this.#port === undefined) return;
    this.#tellEvents();
    if (!this.#shown || this.#flushing) return;
    // The first bytes of a turn leave at once, since a person may wait for their echo; the rest in full frames.
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      if (this.#shown) this.#port?.wake(this);
    });
    this.#port?.wake(this);
  }

  nextFrame(): Buffer | undefined {
    if (!this.#started || !this.#shown) return undefined;
    // An acknowledgement may let output go while a flush is still put off, and no byte comes before its event.
    this.#tellEvents();
    try {
      const frame = this.#snapshotFrames.shift() ?? this.#output.nextFrame();
      if (frame !== undefined) this.#session.onOutputMoved(this);
      return frame;
    } catch (error) {
      // The log's disk does not give back what it took; other channels of the link go on.
      this.#session.onOutputLost(error);
      return undefined;
    }
  }

  /** Says that `queuedBytes` of the input wait for the program, and all before has been written. */
  settleInput(queuedBytes: number): void {
    const written = this.#input.received - this.#input.consumed - queuedBytes;
    if (written > 0) this.#input.consume(written);
  }

  onData(offset: number, payload: Buffer): void {
    const bytes = this.#input.accept(offset, payload);
    if (bytes.length > 0) this.#session.onInput(bytes);
  }

  onAck(received: number, limit: number): void {
    // Acknowledgements from before a show may still come in; they say nothing about what it sends.
    if (received < this.#snapshotEnd || received > this.#output.sent) return;
    this.#output.onAck(received, limit);
    this.#session.onOutputMoved(this);
    this.#port?.wake(this);
  }

  onEnd(): void {
    // A terminal's input has no end; Ctrl-D is a key.
  }

  onLinkLost(port: ChannelPort): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    this.#started = false;
    this.#silentSince = performance.now() - port.silentMs;
    this.#session.onLinkLost(this);
  }

  /** Ends the tie; what was not sent by now is not sent any more. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#flushTimer);
    this.#shown = false;
    this.#input.dispose();
    this.#port?.release(this);
    this.#port = undefined;
  }

  #tellEvents(): void {
    for (const event of this.#session.events.tell(this.#eventsSent)) {
      this.#eventsSent = event.seq;
      this.#port?.sendEvent(event);
    }
  }

  #startSoon(): void {
    this.#started = false;
    const port = this.#port;
    // After the reply, which leaves in this turn.
    setImmediate(() => {
      if (this.#port !== port) return;
      this.#started = true;
      this.flush();
    });
  }
}

function snapshotFrames(channel: number, offset: number, snapshot: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < snapshot.length; at += MAX_PAYLOAD) {
    frames.push(encodeData(FrameKind.snapshot, channel, offset, snapshot.subarray(at, at + MAX_PAYLOAD)));
  }
  frames.push(encodeData(FrameKind.snapshot, channel, offset, Buffer.alloc(0)));
  return frames;
}
