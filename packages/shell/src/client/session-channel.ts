import { randomUUID } from 'node:crypto';
import {
  FrameKind,
  RemotingError,
  WINDOW_BYTES,
  isErrorId,
  type AttachmentInfo,
  type ChannelFrame,
  type SessionEvent,
  type SessionInfo,
} from '@holdfast/protocol';
import { isLinkLost } from './active-link.ts';
import { EchoKnowledge } from './echo-knowledge.ts';
import { InputQueue, type QueuedRequest } from './input-queue.ts';
import type { LinkChannel, ResumeEntry, ResumedEntry } from './link-channel.ts';
import { OutputDelivery } from './output-delivery.ts';
import type { ResumableLink } from './resumable-link.ts';
import type { SessionView } from './session-view.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Where a view begins: a snapshot of the screen, the session's first byte, where this client stopped looking, an offset. */
export type ShowFrom = 'snapshot' | 'start' | 'here' | { readonly after: number };

/** Where the bytes begin, whether a snapshot comes first, and how many bytes it stands for that nobody was shown. */
export type Shown = { from: number; snapshot: boolean; notShown: number };

/** A channel that is attached at the host, on its way from one object here to another. */
export type ChannelTie = { number: number; attachment: AttachmentInfo; eventsTo: number };

/** What a session's channel tells the session. */
export type SessionChannelListeners = {
  onEvent: (event: SessionEvent) => void;
  onInfo: (info: SessionInfo) => void;
  /** The host does not go on with this attachment, or the connection is over. */
  onLost: (error: RemotingError) => void;
  isOwnCommand: (commandId: string) => boolean;
};

/** A session's channel: its input, its output and its attachment, which outlive the link. */
export class SessionChannel implements LinkChannel {
  readonly number: number;
  readonly numbers: readonly number[];
  readonly echo: EchoKnowledge;
  readonly #link: ResumableLink;
  readonly #listeners: SessionChannelListeners;
  readonly #output: OutputDelivery;
  #input: InputQueue;
  #attachment: AttachmentInfo | undefined;
  #over = false;
  /** Interrupts that have no answer. */
  readonly #interrupts = new Map<QueuedRequest, PromiseWithResolvers<void>>();
  /** Shows and hides follow each other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param tie goes on with it; absent: the channel is to be attached */
  constructor(link: ResumableLink, listeners: SessionChannelListeners, tie?: ChannelTie) {
    this.number = tie?.number ?? link.takeNumber();
    this.numbers = [this.number];
    this.#link = link;
    this.#listeners = listeners;
    this.#input = new InputQueue(this.number, 0);
    this.#output = new OutputDelivery({
      channel: this.number,
      sendAck: link.send,
      handedOutBytes: link.settings.handedOutBytes,
      onEvent: (event) => listeners.onEvent(event),
      isOwnCommand: listeners.isOwnCommand,
      eventsTo: tie?.eventsTo ?? 0,
    });
    this.echo = new EchoKnowledge({
      ask: () => link.requestOnce('session.echo', { channel: this.number }),
      received: () => this.#output.received,
      confirmed: () => this.#input.start,
    });
    link.add(this);
    if (tie !== undefined) this.attach(tie.attachment);
  }

  get watched(): boolean {
    return this.#output.shown;
  }

  /** Names the session in a request; while it is held here so that the host knows the request when it comes late. */
  asHeld(instanceId: string): { instanceId: string; channel?: number } {
    return this.#over || this.#attachment === undefined ? { instanceId } : { instanceId, channel: this.number };
  }

  get waiting(): boolean {
    return this.#input.inFlight > 0;
  }

  /** Resolves when the host has all input given so far, and has told what it did not take; at once if it has. */
  inputSettled(): Promise<void> | undefined {
    return this.#over || this.#input.unacknowledged === 0 ? undefined : this.#input.room(1);
  }

  /** Undefined while there is room for more input; else resolves when the host has taken some of it, or none for long. */
  inputFull(): Promise<'taken' | 'stalled'> | undefined {
    const { inputQueueBytes, inputStallMs } = this.#link.settings;
    const waiting = this.#input.unacknowledged;
    if (this.#over || waiting < inputQueueBytes) return undefined;
    const { promise, resolve } = Promise.withResolvers<'taken' | 'stalled'>();
    const timer = setTimeout(() => resolve('stalled'), inputStallMs);
    void this.#input.room(waiting).then(() => {
      clearTimeout(timer);
      resolve('taken');
    });
    return promise;
  }

  /** Everything below this offset was taken by a view. */
  get consumed(): number {
    return this.#output.consumed;
  }

  get unsentInput(): Uint8Array {
    return this.#over || this.#link.state !== 'Connected' ? this.#input.copyUnacknowledged() : new Uint8Array();
  }

  /** The host holds the session for this client: input may flow, and events that came early are told. */
  attach(attachment: AttachmentInfo): void {
    this.#attachment = attachment;
    this.#input = new InputQueue(this.number, attachment.inputReceived);
    this.#output.hide();
  }

  /** Which one of the session's attachments it is; undefined where the host does not count them. */
  get attachmentNumber(): number | undefined {
    return this.#attachment?.number;
  }

  /** Ends this object; the channel goes on with another one. */
  handOver(): ChannelTie | undefined {
    this.end();
    return this.#attachment && { number: this.number, attachment: this.#attachment, eventsTo: this.#output.eventsTo };
  }

  /** Nothing more goes in or out. */
  end(): void {
    // After it was handed over, its number is another object's.
    if (this.#over) return;
    this.#over = true;
    this.echo.dispose();
    this.#input.abandon();
    this.#link.remove(this);
    this.#output.dispose();
    const over = new RemotingError('SessionExited', 'The session is not open here any more');
    for (const { reject } of this.#interrupts.values()) reject(over);
  }

  write(bytes: Uint8Array): void {
    this.#input.append(Buffer.from(bytes));
    this.#link.wake(this);
  }

  /** Sends a request in its place among the input; `send` is called again on a new link until it is settled. */
  enqueue(send: () => void, held: boolean): QueuedRequest {
    const request = this.#input.enqueue(send, held);
    this.#link.wake(this);
    return request;
  }

  /** Lets the first held request go. */
  release(): void {
    this.#input.release();
    this.#link.wake(this);
  }

  settle(request: QueuedRequest): void {
    this.#input.settle(request);
    this.#link.wake(this);
  }

  /** @throws RemotingError as the host answers, OperationStopped on abort */
  show(view: SessionView, from: ShowFrom, signal?: AbortSignal): Promise<Shown & { session: SessionInfo }> {
    const shown = this.#inTurn(async () => {
      const { columns, rows } = view;
      const after = typeof from === 'object' ? from.after : this.#offsetOf(from);
      const start = after === undefined ? {} : { after, limit: after + WINDOW_BYTES.initial };
      const body = {
        channel: this.number,
        columns,
        rows,
        terminal: view.isTerminal === true,
        stays: view.stays,
        ...start,
      };
      try {
        const reply = await this.#link.request('session.show', body, { signal, onSend: () => this.#output.hold() });
        await this.#output.show(view, { ...reply, historyTo: reply.session.outputEnd });
        return reply;
      } catch (error) {
        this.#output.hide();
        throw error;
      }
    });
    // A hide before it may wait for the link; the request itself ends without being sent when its turn comes.
    return unlessAborted(shown, signal);
  }

  hide(): Promise<SessionInfo | undefined> {
    this.#output.hide();
    return this.#inTurn(async () => {
      if (this.#over) return undefined;
      return (await this.#link.request('session.hide', { channel: this.number })).session;
    });
  }

  /**
   * Forgets keys that have not left, stops the foreground program, and leaves out the output before its end. Over a new
   * link it goes again before what is typed later, and the host knows it by its id: it hits nothing that began since.
   */
  interrupt(): Promise<void> {
    const pending = [...this.#interrupts.values()].at(-1);
    if (pending === undefined || this.#link.state === 'Connected') return this.#interrupt();
    // Pressed again and again on a link that hangs, it is wanted once.
    this.#input.dropUnsent();
    return pending.promise;
  }

  readonly nextFrame = (): Buffer | undefined => {
    return this.#attachment === undefined || this.#over ? undefined : this.#input.nextFrame();
  };

  readonly onFrame = (frame: ChannelFrame): void => {
    if (this.#over) return;
    if (frame.kind !== FrameKind.ack) {
      this.#output.accept(frame);
      return;
    }
    this.#input.onAck(frame.received, frame.limit);
    this.#link.wake(this);
  };

  readonly onEvent = (event: SessionEvent): void => {
    // Whatever is still to be displayed: nothing is to be resumed.
    if (event.type === 'session.taken' || event.type === 'session.detached') this.#attachment = undefined;
    this.#output.acceptEvent(event);
  };

  readonly resumeEntries = (): ResumeEntry[] => {
    if (this.#attachment === undefined || this.#over) return [];
    const { attachmentId, incarnation } = this.#attachment;
    const { eventsTo } = this.#output;
    return [{ channel: this.number, attachmentId, incarnation, ...this.#output.resumePoint(), eventsTo }];
  };

  readonly onResumed = ([entry]: readonly ResumedEntry[]): void => {
    if (entry?.inputReceived === undefined) {
      this.#attachment = undefined;
      this.#listeners.onLost(lostError(entry?.error));
      return;
    }
    if (entry.session !== undefined) this.#listeners.onInfo(entry.session);
    this.#output.resumed(entry.answered);
    this.#input.resume(entry.inputReceived);
    this.#link.wake(this);
  };

  readonly onConnectionClosed = (error: RemotingError): void => this.#listeners.onLost(error);

  async #interrupt(): Promise<void> {
    const answered = Promise.withResolvers<void>();
    const body = { channel: this.number, interruptId: randomUUID() };
    const request = this.#input.enqueueUrgent(() => {
      this.#link.requestOnce('session.interrupt', body).then(
        ({ skipTo }) => {
          this.#output.skipBelow(skipTo);
          answered.resolve();
        },
        // A link that breaks before the answer: the queue sends it again.
        (error: unknown) => (isLinkLost(error) ? undefined : answered.reject(error)),
      );
    });
    this.#interrupts.set(request, answered);
    this.#link.wake(this);
    try {
      await answered.promise;
    } finally {
      this.#interrupts.delete(request);
      this.settle(request);
    }
  }

  #offsetOf(from: 'snapshot' | 'start' | 'here'): number | undefined {
    if (from === 'start') return 0;
    return from === 'here' ? this.#output.consumed : undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function lostError(told: ResumedEntry['error']): RemotingError {
  if (told === undefined) return new RemotingError('AttachmentLost', 'The session is not held by this client any more');
  return new RemotingError(isErrorId(told.error) ? told.error : 'InternalError', told.message);
}
