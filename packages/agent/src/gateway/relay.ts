import {
  CloseCode,
  FrameKind,
  MessageAssembler,
  RemotingError,
  encodeMessage,
  type RawMessage,
  type Transport,
} from '@holdfast/protocol';
import type { Traffic } from './metrics/counters.ts';
import { pongFor } from './pong.ts';
import type { Forwarded, Target } from './target.ts';

/** A side of the relay that can be told to wait. */
type Source = { pause(): void; resume(): void };

export type RelayOptions = {
  /** A complete control message of the client, with the frames it came in. */
  onMessage: (message: RawMessage, frames: readonly Buffer[]) => void;
  /** Sees a session host's frame before the client does. */
  onHostFrame: (frame: Buffer) => void;
  /** The links that bring frames for this client, to be paused while it does not read. */
  hostLinks: () => Iterable<Source>;
  maxQueuedBytes: number;
  /** Counts what passes. */
  traffic: Traffic;
};

/** Lengths of the frames with a header alone; data has at least its header. */
const DATA_HEADER_BYTES = 13;
const ACK_BYTES = 21;
const PING_BYTES = 13;

/**
 * Passes frames between one client and its session hosts. Of data it reads the kind and the channel, nothing else.
 * Whoever does not read makes the other side wait, for this client alone.
 */
export class Relay {
  /** When the client's last frame came in, performance.now() milliseconds. */
  lastFrameAt = performance.now();
  readonly #client: Transport;
  readonly #options: RelayOptions;
  readonly #assembler = new MessageAssembler();
  readonly #routes = new Map<number, Target>();
  #parts: Buffer[] = [];
  #partsChannel = 0;
  #blockedByHost = false;
  #blockedByRequests = false;
  #closed = false;

  /** Takes the transport's onFrame and onDrain. */
  constructor(client: Transport, options: RelayOptions) {
    this.#client = client;
    this.#options = options;
    client.onFrame = (frame) => this.#onClientFrame(frame);
    client.onDrain = () => {
      for (const link of options.hostLinks()) link.resume();
    };
  }

  /** Sends the client's frames of a channel to `target` from now on. */
  route(channel: number, target: Target): void {
    this.#routes.set(channel, target);
  }

  targetOf(channel: number): Target | undefined {
    return this.#routes.get(channel);
  }

  unroute(channel: number): void {
    this.#routes.delete(channel);
  }

  /** Passes a request of the client on. */
  forward(target: Target, request: Forwarded): void {
    if (!target.forward(request)) this.#blockByHost();
  }

  /** True when a channel leads to `target`. */
  leadsTo(target: Target): boolean {
    for (const other of this.#routes.values()) if (other.leadsTo(target)) return true;
    return false;
  }

  /** Passes a session host's frame on to the client. */
  readonly toClient = (frame: Buffer, from: Target & Source): void => {
    if (this.#closed) return;
    // Also after a resume on a new gateway, the client's acknowledgements go where the data comes from.
    if (frame[0] === FrameKind.data) this.#learn(frame.readUInt32BE(1), from);
    else this.#options.onHostFrame(frame);
    if (this.#send(frame)) return;
    for (const link of this.#options.hostLinks()) link.pause();
  };

  /** A session host takes frames again. */
  readonly onHostDrain = (): void => {
    this.#blockedByHost = false;
    this.#updateReading();
  };

  /** Stops or starts reading the client because of the number of its requests. */
  limitRequests(blocked: boolean): void {
    if (blocked === this.#blockedByRequests) return;
    this.#blockedByRequests = blocked;
    this.#updateReading();
  }

  /** Answers a request of the client. */
  reply(id: number, body: object): void {
    this.sendMessage({ ...body, type: 'reply', id });
  }

  /** Answers a request of the client with an error. */
  refuse(id: number, error: unknown): void {
    const known =
      error instanceof RemotingError ? error : new RemotingError('InternalError', messageOf(error), { cause: error });
    this.sendMessage({ type: 'error', id, error: known.id, message: known.message, target: known.target });
  }

  /** Sends the client a control message of the gateway's own. */
  sendMessage(message: object): void {
    if (this.#closed) return;
    for (const frame of encodeMessage(0, message)) this.#send(frame);
    this.#checkQueue();
  }

  /** Closes the client's link; nothing is passed on any more. */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    // What still comes in is dropped; while paused, the close of the other side would not be seen.
    this.#client.resume();
    this.#client.close(code, reason);
  }

  #send(frame: Uint8Array): boolean {
    this.#options.traffic.framesOut += 1;
    this.#options.traffic.bytesOut += frame.length;
    return this.#client.send(frame);
  }

  #onClientFrame(frame: Buffer): void {
    if (this.#closed) return;
    this.lastFrameAt = performance.now();
    this.#options.traffic.framesIn += 1;
    this.#options.traffic.bytesIn += frame.length;
    try {
      this.#dispatch(frame);
    } catch (error) {
      this.close(CloseCode.protocol, messageOf(error));
    }
  }

  #dispatch(frame: Buffer): void {
    const kind = frame[0];
    switch (kind) {
      case FrameKind.data:
        requireLength(frame, frame.length >= DATA_HEADER_BYTES);
        return this.#toHost(frame);
      case FrameKind.ack:
        requireLength(frame, frame.length === ACK_BYTES);
        return this.#toHost(frame);
      case FrameKind.control:
      case FrameKind.controlPart:
        requireLength(frame, frame.length >= 5);
        return this.#onControl(frame, kind === FrameKind.control);
      case FrameKind.ping:
        requireLength(frame, frame.length === PING_BYTES);
        this.#send(pongFor(frame));
        return this.#checkQueue();
      case FrameKind.pong:
        return;
      default:
        throw new RemotingError('ProtocolViolation', `A frame of unknown kind ${kind ?? 'none'}`);
    }
  }

  #toHost(frame: Buffer): void {
    const target = this.#routes.get(frame.readUInt32BE(1));
    // No target: a late frame of a channel that is over.
    if (target === undefined || target.send(frame)) return;
    this.#blockByHost();
  }

  #blockByHost(): void {
    this.#blockedByHost = true;
    this.#updateReading();
  }

  #onControl(frame: Buffer, isLast: boolean): void {
    const channel = frame.readUInt32BE(1);
    if (this.#parts.length > 0 && channel !== this.#partsChannel) {
      throw new RemotingError('ProtocolViolation', 'Two control messages are sent in each other');
    }
    this.#partsChannel = channel;
    this.#parts.push(frame);
    const message = this.#assembler.accept(channel, frame.subarray(5), isLast);
    if (message === undefined) return;
    const parts = this.#parts;
    this.#parts = [];
    this.#options.onMessage(message, parts);
  }

  #learn(channel: number, from: Target): void {
    if (!this.#routes.has(channel)) this.#routes.set(channel, from);
  }

  #updateReading(): void {
    if (this.#closed) return;
    if (this.#blockedByHost || this.#blockedByRequests) this.#client.pause();
    else this.#client.resume();
  }

  /** What the gateway itself answers is not paced by a session host: a client that reads nothing is cut off. */
  #checkQueue(): void {
    if (this.#client.bufferedBytes <= this.#options.maxQueuedBytes) return;
    this.#closed = true;
    this.#client.terminate();
  }
}

function requireLength(frame: Buffer, holds: boolean): void {
  if (holds) return;
  const message = `A frame of kind ${frame[0] ?? 'none'} has ${frame.length} bytes, which is not its length`;
  throw new RemotingError('ProtocolViolation', message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
