import { HistoryOutput } from './history-output.ts';
import type { SessionView } from './session-view.ts';
import { ChannelReceiver, FrameKind, type ChannelFrame, type SessionEvent } from '@holdfast/protocol';

/** Events that do not wait for the output before them. */
const APART = new Set<SessionEvent['type']>([
  'session.taken',
  'session.detached',
  'session.message',
  'session.attachments',
]);

type DataFrame = Extract<ChannelFrame, { kind: typeof FrameKind.data | typeof FrameKind.snapshot }>;
/** Output in its turn; without bytes, a range that the host discarded. */
type Chunk = { end: number; bytes: Buffer | undefined };

/** What a delivery needs from its session. */
export type DeliveryOptions = {
  channel: number;
  sendAck: (frame: Buffer) => void;
  handedOutBytes: number;
  /** Every event once, in order. */
  onEvent: (event: SessionEvent) => void;
  isOwnCommand: (commandId: string) => boolean;
  /** Events up to this number were told before. */
  eventsTo: number;
};

/** Hands a session's output and events to its view, in their exact order, no faster than the view takes them. */
export class OutputDelivery {
  readonly #options: DeliveryOptions;
  readonly #receiver: ChannelReceiver;
  /** held: a request is under way that decides where the output begins; hidden: nobody wants bytes. */
  #mode: 'held' | 'hidden' | 'shown' = 'held';
  #held: (DataFrame | SessionEvent)[] = [];
  #view: SessionView | undefined;
  #chunks: Chunk[] = [];
  #events: SessionEvent[] = [];
  #snapshot: Buffer[] = [];
  #snapshotDue = false;
  #snapshotAt = 0;
  /** The view has its beginning, or nobody wants it any more. */
  #onBegun = (): void => {};
  /** Everything below this offset was handed to the view or left out. */
  #handed = 0;
  #outstanding = 0;
  /** Handed-out bytes of an earlier view or before a snapshot give no credit. */
  #generation = 0;
  /** Output below it was written before the view looked; what of it is fit to be shown again. */
  #history = new HistoryOutput(0);
  #skipTo = 0;
  #interruptedTo = 0;
  #skipped = 0;
  #eventsTo: number;
  #pumping = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#eventsTo = options.eventsTo;
    this.#receiver = new ChannelReceiver(options.channel, options.sendAck);
  }

  get shown(): boolean {
    return this.#mode === 'shown';
  }

  /** Everything below this offset has come. */
  get received(): number {
    return this.#receiver.received;
  }

  /** Everything below this offset was taken by a view. */
  get consumed(): number {
    return this.#receiver.consumed;
  }

  /** The number of the last event that arrived. */
  get eventsTo(): number {
    return this.#eventsTo;
  }

  /** Where the host goes on, on a new link. */
  resumePoint(): { receivedTo: number; limit: number } {
    this.#receiver.restart();
    const { received, limit } = this.#receiver;
    // Not as far as the bytes behind a snapshot that is not here: the host makes another.
    const receivedTo = this.#snapshotDue ? Math.max(0, received - 1) : received;
    return { receivedTo, limit: this.shown ? limit : receivedTo };
  }

  /** The host goes on over a new link, and answered what the output asks in some stretches; pieces of a snapshot are no use. */
  resumed(answered: readonly { from: number; to: number }[] = []): void {
    this.#snapshot = [];
    if (this.#view?.isTerminal === true) this.#history.answered(answered);
  }

  /** Keeps what comes until `show` or `hide` says what it is. */
  hold(): void {
    this.#settleTaken();
    this.#mode = 'held';
    // Bytes from before the request are not wanted; an event is told once, whenever it came.
    this.#held = this.#held.filter((item) => !('kind' in item));
  }

  /** Begins at `from`, after a snapshot if there is one. Resolves when that was handed over, or something else is wanted. */
  show(view: SessionView, start: { from: number; snapshot: boolean; historyTo?: number }): Promise<void> {
    const begun = Promise.withResolvers<void>();
    this.#onBegun();
    this.#onBegun = begun.resolve;
    this.#restartAt(start.from);
    this.#view = view;
    this.#mode = 'shown';
    this.#snapshotDue = start.snapshot;
    this.#history = new HistoryOutput(view.isTerminal === true && !start.snapshot ? (start.historyTo ?? 0) : 0);
    this.#skipTo = 0;
    this.#interruptedTo = 0;
    this.#skipped = 0;
    this.#releaseHeld();
    if (!this.#snapshotDue) this.#onBegun();
    return begun.promise;
  }

  /** Nobody looks: events are told at once, bytes are not wanted. What was handed over counts as taken. */
  hide(): void {
    this.#settleTaken();
    this.#onBegun();
    this.#mode = 'hidden';
    this.#view = undefined;
    this.#generation += 1;
    this.#chunks = [];
    this.#releaseHeld();
  }

  /** Said at once, also of what was taken a moment ago: who looks next would be told, or asked, what came already. */
  #settleTaken(): void {
    if (!this.shown) return;
    if (this.#outstanding > 0) this.#receiver.consume(this.#outstanding);
    this.#outstanding = 0;
    this.#generation += 1;
    this.#receiver.acknowledgeNow();
  }

  accept(frame: DataFrame): void {
    if (this.#mode === 'held') this.#held.push(frame);
    if (this.#mode !== 'shown') return;
    if (frame.kind === FrameKind.snapshot) this.#acceptSnapshot(frame.offset, frame.payload);
    else this.#acceptData(frame.offset, frame.payload);
    this.#pump();
  }

  acceptEvent(event: SessionEvent): void {
    if (this.#mode === 'held') {
      this.#held.push(event);
      return;
    }
    // Came again on a new link.
    if (event.seq <= this.#eventsTo) return;
    this.#eventsTo = event.seq;
    if (this.#mode === 'shown' && event.type === 'output.dropped') this.#acceptGap(event.to);
    // No more output comes after some of these, wherever they happened, and a message is no part of the output.
    const isApart = APART.has(event.type);
    this.#events.push(isApart ? { ...event, at: Math.min(event.at, this.#receiver.received) } : event);
    this.#pump();
  }

  /** After an interrupt: output below `offset` is not displayed any more. */
  skipBelow(offset: number): void {
    this.#interruptedTo = Math.max(this.#interruptedTo, offset);
    this.#skipTo = Math.max(this.#skipTo, offset);
    this.#pump();
  }

  dispose(): void {
    this.#onBegun();
    this.#receiver.dispose();
  }

  #acceptData(offset: number, payload: Buffer): void {
    const fresh = this.#receiver.accept(offset, payload);
    if (fresh.length > 0) this.#chunks.push({ end: this.#receiver.received, bytes: fresh });
  }

  #acceptGap(to: number): void {
    if (to <= this.#receiver.received) return;
    this.#receiver.skip(to);
    this.#chunks.push({ end: to, bytes: undefined });
  }

  /** An empty piece is the last one. */
  #acceptSnapshot(offset: number, piece: Buffer): void {
    // A snapshot that another request cut short is nobody's beginning.
    if (offset !== this.#snapshotAt) this.#snapshot = [];
    this.#snapshotAt = offset;
    this.#snapshot.push(piece);
    this.#snapshotDue = piece.length > 0;
    if (this.#snapshotDue) return;
    const bytes = Buffer.concat(this.#snapshot);
    this.#restartAt(offset);
    const taken = this.#view?.onSnapshot(bytes);
    if (taken === undefined) this.#receiver.acknowledgeNow();
    else void taken.then(this.#receiver.acknowledgeNow);
    this.#onBegun();
  }

  #restartAt(offset: number): void {
    this.#generation += 1;
    this.#outstanding = 0;
    this.#chunks = [];
    this.#snapshot = [];
    this.#snapshotDue = false;
    this.#handed = offset;
    this.#receiver.jump(offset);
  }

  #releaseHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const item of held) {
      if ('kind' in item) this.accept(item);
      else this.acceptEvent(item);
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#deliverEvent() || this.#deliverOutput());
    } finally {
      this.#pumping = false;
    }
  }

  #deliverEvent(): boolean {
    const [event] = this.#events;
    if (event === undefined || (this.#mode !== 'hidden' && event.at > this.#handed)) return false;
    this.#events.shift();
    if (
      event.type === 'command.started' &&
      this.#view?.skipEcho === true &&
      this.#options.isOwnCommand(event.commandId)
    ) {
      this.#skipTo = Math.max(this.#skipTo, event.echoTo);
    }
    const view = this.#view;
    this.#options.onEvent(event);
    view?.onEvent(event);
    return true;
  }

  #deliverOutput(): boolean {
    const [chunk] = this.#chunks;
    if (this.#mode !== 'shown' || this.#snapshotDue || chunk === undefined) return false;
    const skip = this.#handed < this.#skipTo;
    const open = chunk.bytes !== undefined && !skip;
    if (open && this.#outstanding >= this.#options.handedOutBytes) return false;
    const eventAt = this.#events[0]?.at ?? Infinity;
    const end = Math.min(chunk.end, eventAt, skip ? this.#skipTo : Infinity, this.#history.borderAfter(this.#handed));
    const from = this.#handed;
    this.#handed = end;
    if (end === chunk.end) this.#chunks.shift();
    if (open) this.#handOver(chunk, from, end);
    else this.#leaveOut(end - from, end);
    return true;
  }

  #handOver(chunk: Chunk, from: number, end: number): void {
    const { bytes } = chunk;
    if (bytes === undefined) return;
    const start = chunk.end - bytes.length;
    const generation = this.#generation;
    const size = end - from;
    this.#outstanding += size;
    this.#view?.onOutput(this.#history.shown(bytes.subarray(from - start, end - start), end), () => {
      if (generation !== this.#generation) return;
      this.#outstanding -= size;
      this.#receiver.consume(size);
      this.#pump();
    });
  }

  #leaveOut(size: number, end: number): void {
    this.#receiver.consume(size);
    if (end <= this.#interruptedTo) this.#skipped += size;
    if (this.#skipped === 0 || end < this.#interruptedTo) return;
    this.#view?.onSkipped?.(this.#skipped);
    this.#skipped = 0;
  }
}
