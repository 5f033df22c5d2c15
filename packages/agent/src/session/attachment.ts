import { randomUUID } from 'node:crypto';
import { ChannelReceiver, type AttachedClient, type AttachmentRole, type Holder } from '@holdfast/protocol';
import type { Size } from '../terminal/painting.ts';
import type { AttachedSession } from './attached-session.ts';
import {
  nextAttempt,
  type ChannelEnd,
  type ChannelPort,
  type ClientIdentity,
  type MadeFor,
  type ResumePoint,
} from './channel-port.ts';
import { InterruptLedger } from './interrupt-ledger.ts';
import { EventFeed } from './event-feed.ts';
import { ShownLog } from './shown-log.ts';
import { WatchedScreen } from './watched-screen.ts';

/** One client's tie to a session: what it has seen and typed. It outlives the client's link by a grace time. */
export class Attachment implements ChannelEnd {
  readonly id: string = randomUUID();
  readonly client: ClientIdentity;
  readonly since = Date.now();
  /** Of the request that made it. */
  readonly tieId: string | undefined;
  readonly interrupts = new InterruptLedger();
  readonly number: number;
  /** Its terminal takes part in the session's size while it looks. */
  readonly sizing: boolean;
  /** The last session.keyboard that it asked for. */
  keyboardId: string | undefined;
  /** Of its terminal, while it looks. */
  size: Size | undefined;
  /** It is to go on as a watcher when another one takes the keyboard. */
  stays = false;
  readonly #session: AttachedSession<Attachment>;
  readonly #input: ChannelReceiver;
  readonly #log: ShownLog;
  readonly #screen: WatchedScreen;
  #role: AttachmentRole;
  #port: ChannelPort | undefined;
  /** When the client was heard last, while its link is lost. */
  #silentSince: number | undefined;
  #shown = false;
  #showTurn = 0;
  readonly #events: EventFeed;
  /** False until the reply that made or resumed this attachment is on its way. */
  #started = false;
  #flushing = false;
  #flushTimer: NodeJS.Timeout | undefined;
  #ended = false;
  /** Count of the client's link that carries this attachment. */
  #attempt: number;

  constructor(session: AttachedSession<Attachment>, port: ChannelPort, made: MadeFor) {
    const { client, tieId, attempt, number, role, sizing } = made;
    this.#session = session;
    this.client = client;
    this.tieId = tieId;
    this.number = number;
    this.sizing = sizing;
    this.#role = role;
    this.#attempt = attempt ?? 0;
    this.#port = port;
    this.#events = new EventFeed(session.events, this.id);
    this.#log = new ShownLog(port.channel, session.output);
    const { paint, watchIntervalMs: intervalMs } = session;
    this.#screen = new WatchedScreen(port.channel, { paint, intervalMs, wake: () => this.flush() });
    this.#input = new ChannelReceiver(port.channel, (frame) => this.#port?.send(frame));
    this.#startSoon();
  }

  get role(): AttachmentRole {
    return this.#role;
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

  /** Whether its client has had all output there is, and lacks nothing if its link is lost now. */
  get hasAll(): boolean {
    return this.#shown && this.#role === 'keyboard' && this.#log.hasAll;
  }

  /** Output that waits for this client; undefined while it does not look or its link is lost. */
  get backlogBytes(): number | undefined {
    if (!this.#shown || this.#role === 'watching' || this.#port === undefined) return undefined;
    return this.#log.backlogBytes;
  }

  /** The client has consumed all output below this offset. */
  get acknowledged(): number {
    return this.#log.acknowledged;
  }

  /** Input below this offset has been written to the program. */
  get inputReceived(): number {
    return this.#input.consumed;
  }

  get holder(): Holder {
    return { ...this.client, since: this.since, linked: this.linked };
  }

  /** What others may know of it. */
  get summary(): AttachedClient {
    const { client, address, user } = this.client;
    return { number: this.number, client, address, user, role: this.role, since: this.since, linked: this.linked };
  }

  /** It has the keyboard from now on, or has it no more. Nothing is shown until it is asked for anew. */
  become(role: AttachmentRole): void {
    // What was read stays in its place before what the next holder types; the client is to know it before the event.
    if (this.#role === 'keyboard') this.settleInput(0, true);
    this.hide();
    this.#role = role;
  }

  /** Shows output from offset `from` on, behind a snapshot that stands for all before it, if there is one. */
  show(from: number, limit: number, snapshot?: Buffer): void {
    this.#shown = true;
    this.#log.begin(from, limit, snapshot);
    this.#startSoon();
  }

  /** Shows the screen on a terminal of that size, as it is now and then as it changes. */
  watch(size: Size): void {
    this.#shown = true;
    this.#screen.begin(size);
    this.#startSoon();
  }

  /** The screen may look different to one that watches. */
  screenChanged(): void {
    if (this.#role === 'watching') this.#screen.changed();
  }

  /** Stops showing; what is shown next must ask isCurrent() with the returned number first, if it took time. */
  hide(): number {
    this.#shown = false;
    this.#log.stop();
    this.#screen.stop();
    this.#showTurn += 1;
    return this.#showTurn;
  }

  /** Whether no other show or hide came, and the attachment did not end, since hide() returned `turn`. */
  isCurrent(turn: number): boolean {
    return !this.#ended && this.#showTurn === turn;
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
    this.#events.resume(at.eventsTo);
    this.#started = false;
    this.#log.stop();
    if (this.#role === 'watching') {
      this.#screen.begin();
      this.#startSoon();
    } else if (this.#shown && this.#log.lacksSnapshot(at.receivedTo)) {
      this.#session.onSnapshotLost(this);
    } else {
      this.#log.resume(at.receivedTo, at.limit);
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
    this.#events.tell(this.#port);
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
    this.#events.tell(this.#port);
    if (this.#role === 'watching') return this.#screen.nextFrame();
    try {
      const frame = this.#log.nextFrame();
      if (frame !== undefined) this.#session.onOutputMoved(this);
      return frame;
    } catch (error) {
      // The log's disk does not give back what it took; other channels of the link go on.
      this.#session.onOutputLost(error);
      return undefined;
    }
  }

  /** Says that `queuedBytes` of the input wait for the program, and all before has been written; acknowledges it soon, or now. */
  settleInput(queuedBytes: number, now = false): void {
    const written = this.#input.received - this.#input.consumed - queuedBytes;
    if (written > 0) this.#input.consume(written);
    if (now) this.#input.acknowledgeNow();
  }

  onData(offset: number, payload: Buffer): void {
    if (!this.#session.takesInput(this)) {
      this.#port?.sendEvent({ type: 'input.refused', from: offset, to: offset + payload.length });
      return;
    }
    const bytes = this.#input.accept(offset, payload);
    if (bytes.length > 0) this.#session.onInput(bytes, this);
  }

  onAck(received: number, limit: number): void {
    if (this.#role === 'watching') {
      this.#screen.onAck(received);
      return;
    }
    // Acknowledgements from before a show may still come in; they say nothing about what it sends.
    if (!this.#log.onAck(received, limit)) return;
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
    this.hide();
    this.size = undefined;
    this.#input.dispose();
    const port = this.#port;
    this.#port = undefined;
    if (this.#started) return port?.release(this);
    // The reply that began or resumed it leaves in this turn; behind that its client is told why it is over.
    setImmediate(() => {
      this.#events.tell(port);
      port?.release(this);
    });
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
