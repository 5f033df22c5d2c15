import { ChannelSender, ReplayBuffer, WINDOW_BYTES, type ByteSource, type FrameSource } from '@holdfast/protocol';

/**
 * A request that must keep its place among the bytes of the input: a command that was entered between two keys.
 * One that is held, and what is behind it, waits for `release`. An urgent one waits for no credit.
 */
export type QueuedRequest = { at: number; held: boolean; urgent: boolean; sent: boolean; send: () => void };

/** The input of one channel: bytes and requests in the order they were given, kept until the host has them. */
export class InputQueue implements FrameSource {
  readonly #buffer: ReplayBuffer;
  readonly #sender: ChannelSender;
  #requests: QueuedRequest[] = [];
  #waiters: { below: number; resolve: () => void }[] = [];

  /** @param from offset of the first byte, as the host counts */
  constructor(channel: number, from: number) {
    this.#buffer = new ReplayBuffer(from);
    this.#sender = new ChannelSender(channel, this.#sendable(), from, from + WINDOW_BYTES.initial);
  }

  /** Offset behind the last byte that the host has. */
  get start(): number {
    return this.#buffer.start;
  }

  /** Offset behind the last byte given. */
  get end(): number {
    return this.#buffer.end;
  }

  /** Bytes that the host has not confirmed. */
  get unacknowledged(): number {
    return this.#buffer.length;
  }

  /** Bytes that were put on a link and not confirmed. */
  get inFlight(): number {
    return this.#sender.sent - this.#sender.acknowledged;
  }

  /** Keeps `bytes` (not to be changed by the caller); wake the link afterwards. */
  append(bytes: Uint8Array): void {
    this.#buffer.append(bytes);
  }

  /** Queues a request behind the bytes given so far; wake the link afterwards. */
  enqueue(send: () => void, held = false): QueuedRequest {
    const request = { at: this.#buffer.end, held, urgent: false, sent: false, send };
    this.#requests.push(request);
    return request;
  }

  /** Queues an interrupt, before what is held, and forgets what never left this machine; wake the link afterwards. */
  enqueueUrgent(send: () => void): QueuedRequest {
    this.dropUnsent();
    const request = { at: this.#buffer.end, held: false, urgent: true, sent: false, send };
    const held = this.#requests.findIndex((other) => other.held);
    this.#requests.splice(held < 0 ? this.#requests.length : held, 0, request);
    return request;
  }

  /** Lets the first held request go; wake the link afterwards. */
  release(): void {
    const request = this.#requests.find(({ held }) => held);
    if (request !== undefined) request.held = false;
  }

  /** The request was answered, or is not to be sent any more. */
  settle(request: QueuedRequest): void {
    this.#requests = this.#requests.filter((other) => other !== request);
  }

  /** Forgets what never left this machine, after an interrupt; returns how many bytes. */
  dropUnsent(): number {
    const dropped = this.#buffer.truncate(this.#sender.sent);
    for (const request of this.#requests) request.at = Math.min(request.at, this.#buffer.end);
    this.#tellWaiters();
    return dropped;
  }

  /** A copy of the bytes that the host has not confirmed. */
  copyUnacknowledged(): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let at = this.#buffer.start; at < this.#buffer.end;) {
      const piece = this.#buffer.readFrom(at, this.#buffer.end - at);
      if (piece === undefined) break;
      pieces.push(piece);
      at += piece.length;
    }
    return Buffer.concat(pieces);
  }

  nextFrame(): Buffer | undefined {
    for (let request = this.#due(); request !== undefined; request = this.#due()) {
      request.sent = true;
      request.send();
    }
    return this.#sender.nextFrame();
  }

  /** @throws RemotingError ProtocolViolation for an acknowledgement of what was never sent */
  onAck(received: number, limit: number): void {
    this.#sender.onAck(received, limit);
    this.#acknowledge(received);
  }

  /** On a new link: goes on behind what the host has; unanswered requests are sent again, in their places. */
  resume(inputReceived: number): void {
    this.#acknowledge(inputReceived);
    this.#sender.restart(inputReceived, inputReceived + WINDOW_BYTES.initial);
    for (const request of this.#requests) request.sent = false;
  }

  /** Resolves when fewer than `bytes` wait for the host; a source of much input awaits it. */
  room(bytes: number): Promise<void> {
    if (this.#buffer.length < bytes) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ below: bytes, resolve });
    return promise;
  }

  /** Nobody waits any more. */
  abandon(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  #acknowledge(offset: number): void {
    this.#buffer.acknowledge(offset);
    this.#tellWaiters();
  }

  #tellWaiters(): void {
    if (this.#waiters.length === 0) return;
    const ready = this.#waiters.filter((waiter) => this.#buffer.length < waiter.below);
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }

  #due(): QueuedRequest | undefined {
    const request = this.#firstUnsent();
    if (request === undefined || request.held) return undefined;
    const passes = request.urgent && this.#sender.credit === 0;
    return passes || request.at <= this.#sender.sent ? request : undefined;
  }

  #firstUnsent(): QueuedRequest | undefined {
    return this.#requests.find((request) => !request.sent);
  }

  /** The buffer as far as the next request that waits for its turn. */
  #sendable(): ByteSource {
    const buffer = this.#buffer;
    const firstUnsent = (): QueuedRequest | undefined => this.#firstUnsent();
    return {
      get start() {
        return buffer.start;
      },
      get end() {
        return Math.min(buffer.end, firstUnsent()?.at ?? Infinity);
      },
      readFrom: (offset, maxBytes) => buffer.readFrom(offset, maxBytes),
    };
  }
}
