import type { Socket } from 'node:net';
import {
  CloseCode,
  FrameKind,
  MessageAssembler,
  RemotingError,
  StreamTransport,
  encodeMessage,
  receiveHostReply,
  receivedError,
  type HostHelloReply,
  type RawMessage,
  type RequestOf,
  type RequestType,
} from '@holdfast/protocol';
import { pongFor } from './pong.ts';
import type { Forwarded, Target } from './target.ts';

/** What the owner of a host link does with what the session host sends. */
export type HostLinkListeners = {
  /** A frame for the client, as it came. */
  onFrame: (frame: Buffer, from: HostLink) => void;
  onDrain: () => void;
  /** A request of the client gets no answer from this host any more. */
  onRefused: (request: Forwarded, error: unknown) => void;
  /** The session host went away by itself. */
  onClose: (link: HostLink) => void;
};

type Question = { resolve: (answer: RawMessage) => void; reject: (error: Error) => void };

/**
 * One client's connection to one generation of the session host. Data is passed on unread. Requests of the client keep
 * their own ids, which are positive; the gateway's own questions have negative ones.
 */
export class HostLink implements Target {
  /** File name of the socket, which stands for the generation. */
  readonly name: string;
  readonly hello: HostHelloReply;
  /** The Unix user whose session host it is. */
  readonly owner: string;
  /** Its journal has more than it was asked for. */
  onJournalGrew: (() => void) | undefined;
  readonly #transport: StreamTransport;
  readonly #lingerMs: number;
  readonly #listeners: HostLinkListeners;
  readonly #assembler = new MessageAssembler();
  readonly #forwarded = new Map<number, Forwarded>();
  readonly #questions = new Map<number, Question>();
  /** `leaving`: the client has gone, and only the gateway's own questions are still answered. */
  #state: 'open' | 'leaving' | 'closed' = 'open';
  /** Frames of a control message on channel 0 that is not complete yet. */
  #parts: Buffer[] = [];
  #nextQuestion = -1;
  #paused = false;
  #held = false;

  private constructor(
    transport: StreamTransport,
    host: { name: string; owner: string; hello: HostHelloReply; lingerMs: number },
    listeners: HostLinkListeners,
  ) {
    this.#transport = transport;
    this.#lingerMs = host.lingerMs;
    this.name = host.name;
    this.hello = host.hello;
    this.owner = host.owner;
    this.#listeners = listeners;
    transport.onFrame = (frame) => this.#onFrame(frame);
    transport.onDrain = listeners.onDrain;
    transport.onClose = () => {
      if (this.#state === 'closed') return;
      const isLeft = this.#state === 'leaving';
      this.#end();
      if (!isLeft) listeners.onClose(this);
    };
  }

  /**
   * Waits for the reply of a session host that was greeted on a connected Unix socket.
   * @param host.lingerMs for the last frames to be taken after close()
   * @throws RemotingError as receiveHostReply does
   */
  static async open(
    host: { name: string; owner: string; socket: Socket; lingerMs: number },
    listeners: HostLinkListeners,
    signal: AbortSignal,
  ): Promise<HostLink> {
    const transport = new StreamTransport(host.socket);
    // The monitor's are paused, so that what comes first is read by whoever is given them.
    transport.resume();
    const hello = await receiveHostReply(transport, signal);
    return new HostLink(transport, { ...host, hello }, listeners);
  }

  /** Nothing of the client goes here any more. */
  get closed(): boolean {
    return this.#state !== 'open';
  }

  /** Nothing that was asked here waits for its answer. */
  get idle(): boolean {
    return this.#forwarded.size === 0 && this.#questions.size === 0;
  }

  send(frame: Uint8Array): boolean {
    return this.#transport.send(frame);
  }

  forward(request: Forwarded): boolean {
    if (this.closed) {
      this.#listeners.onRefused(request, gone());
      return true;
    }
    this.#forwarded.set(request.id, request);
    let taken = true;
    for (const frame of request.frames) taken = this.#transport.send(frame);
    return taken;
  }

  leadsTo(other: Target): boolean {
    return other === this;
  }

  /**
   * Asks the session host something on the gateway's own account. The answer's schema is not checked: a host of an
   * older build may lack fields that the gateway itself does not need.
   * @param hold reads nothing more from it after the answer, until release(): for whoever must keep an order
   * @throws RemotingError as the host answered, HostUnavailable when it goes or the signal fires first
   */
  async ask<T extends RequestType>(
    type: T,
    body: RequestOf<T>,
    options: { signal: AbortSignal; hold?: boolean },
  ): Promise<RawMessage> {
    if (this.#state === 'closed') throw gone();
    const { promise, resolve, reject } = Promise.withResolvers<RawMessage>();
    const id = this.#nextQuestion--;
    const onAbort = (): void => reject(new RemotingError('HostUnavailable', 'A session host did not answer in time'));
    options.signal.addEventListener('abort', onAbort, { once: true });
    const onAnswer = (answer: RawMessage): void => {
      if (options.hold === true) this.#setReading({ held: true });
      resolve(answer);
    };
    this.#questions.set(id, { resolve: onAnswer, reject });
    for (const frame of encodeMessage(0, { ...body, type, id })) this.#transport.send(frame);
    try {
      const answer = await promise;
      if (answer.type === 'error') throw receivedError(answer);
      return answer;
    } finally {
      this.#questions.delete(id);
      options.signal.removeEventListener('abort', onAbort);
    }
  }

  /** Stops reading from the session host, which keeps what it has for this client. */
  pause(): void {
    this.#setReading({ paused: true });
  }

  resume(): void {
    this.#setReading({ paused: false });
  }

  /** Reads on after an answer that was asked for with `hold`. */
  release(): void {
    this.#setReading({ held: false });
  }

  /** The client has gone: its requests are refused, and what the host has for it is dropped, until close(). */
  leave(): void {
    if (this.closed) return;
    this.#state = 'leaving';
    this.#refuseForwarded();
    // An answer stands behind the output that the client did not take.
    this.#transport.resume();
  }

  /** Ends the link after the last frame was taken, or `lingerMs`; the session host keeps the client's attachments for a while. */
  close(): void {
    if (this.#state === 'closed') return;
    // Unread output would keep the end of the stream from being seen.
    this.#transport.resume();
    this.#transport.close(CloseCode.normal, 'The client went away');
    setTimeout(() => this.#transport.terminate(), this.#lingerMs).unref();
    this.#end();
  }

  #setReading({ paused = this.#paused, held = this.#held }: { paused?: boolean; held?: boolean }): void {
    const before = this.#paused || this.#held;
    this.#paused = paused;
    this.#held = held;
    const now = paused || held;
    if (now === before || this.closed) return;
    if (now) this.#transport.pause();
    else this.#transport.resume();
  }

  #onFrame(frame: Buffer): void {
    if (this.#state === 'closed') return;
    try {
      this.#dispatch(frame);
    } catch {
      // What this host sends is not the protocol: it is given up, as if it had gone.
      this.#transport.terminate();
    }
  }

  #dispatch(frame: Buffer): void {
    const kind = frame[0];
    if (kind === FrameKind.ping) this.#transport.send(pongFor(frame));
    else if (kind === FrameKind.pong) return;
    else if ((kind === FrameKind.control || kind === FrameKind.controlPart) && frame.readUInt32BE(1) === 0) {
      this.#onControl(frame, kind === FrameKind.control);
    } else this.#toClient(frame);
  }

  #onControl(frame: Buffer, isLast: boolean): void {
    this.#parts.push(frame);
    const message = this.#assembler.accept(0, frame.subarray(5), isLast);
    if (message === undefined) return;
    const parts = this.#parts;
    this.#parts = [];
    if (message.type === 'journal.grew') return this.onJournalGrew?.();
    if (message.id !== undefined && (message.type === 'reply' || message.type === 'error')) {
      if (message.id < 0) {
        this.#questions.get(message.id)?.resolve(message);
        return;
      }
      const request = this.#forwarded.get(message.id);
      this.#forwarded.delete(message.id);
      request?.onAnswer(message, this);
    }
    for (const part of parts) this.#toClient(part);
  }

  #toClient(frame: Buffer): void {
    if (!this.closed) this.#listeners.onFrame(frame, this);
  }

  #end(): void {
    this.#state = 'closed';
    for (const question of this.#questions.values()) question.reject(gone());
    this.#refuseForwarded();
  }

  #refuseForwarded(): void {
    const unanswered = [...this.#forwarded.values()];
    this.#forwarded.clear();
    for (const request of unanswered) this.#listeners.onRefused(request, gone());
  }
}

function gone(): RemotingError {
  return new RemotingError('HostUnavailable', 'The session host ended before it answered');
}
