import * as v from 'valibot';
import { RemotingError } from './errors.ts';
import { FrameKind, decodeFrame, encodePing, type Frame } from './frame.ts';
import { EVENTS, TO_HOST, type AnyEvent, type EventType } from './events.ts';
import { MessageAssembler, encodeMessage, receivedError, type RawMessage } from './message-codec.ts';
import { REQUESTS, type ReplyOf, type RequestOf, type RequestType } from './messages.ts';
import { issueText } from './schema-issue.ts';
import { CloseCode, type CloseReason, type Transport } from './transport.ts';

/** A request as it came in, its schema checked. */
export type IncomingRequest = { [T in RequestType]: { type: T; body: RequestOf<T> } }[RequestType];

/** Frames of a channel that are not control messages. */
export type ChannelFrame = Exclude<Frame, { kind: 1 | 2 | 6 | 7 }>;

/** What the owner of a link does with what comes in. A listener that throws closes the link. */
export type LinkListeners = {
  /** The returned value is the reply; a RemotingError becomes an error reply. Absent: every request is refused. */
  onRequest?: (request: IncomingRequest) => unknown;
  /** `channel` is 0 for events of the connection itself. */
  onEvent?: (channel: number, event: AnyEvent) => void;
  onChannelFrame?: (frame: ChannelFrame) => void;
  /** A pong came back after so many milliseconds. */
  onRoundTrip?: (milliseconds: number) => void;
  onDrain?: () => void;
  onClose: (reason: CloseReason) => void;
};

/** A message of 8 MiB can break its schema in millions of places: all of them would take seconds and gigabytes. */
const FIRST_ISSUE = { abortEarly: true } as const;

/** Characters of a message's fault that are worth telling. */

type Pending = { type: RequestType; resolve: (reply: never) => void; reject: (error: Error) => void };

/** Both ends of an authenticated link: pairs requests with replies, checks schemas, hands frames on, answers pings. */
export class Link {
  readonly transport: Transport;
  /** When the last frame came in, performance.now() milliseconds. */
  lastFrameAt = performance.now();
  readonly #listeners: LinkListeners;
  readonly #assembler = new MessageAssembler();
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closed: CloseReason | undefined;

  constructor(transport: Transport, listeners: LinkListeners) {
    this.transport = transport;
    this.#listeners = listeners;
    transport.onFrame = (bytes) => this.#onFrame(bytes);
    transport.onDrain = () => listeners.onDrain?.();
    transport.onClose = (reason) => this.#onClose(reason);
  }

  get closed(): CloseReason | undefined {
    return this.#closed;
  }

  /**
   * Asks the other side.
   * @throws RemotingError as the other side answered, ConnectionLost when the link closes first, OperationStopped on abort
   */
  request<T extends RequestType>(type: T, body: RequestOf<T>, signal?: AbortSignal): Promise<ReplyOf<T>> {
    if (this.#closed !== undefined) return Promise.reject(lostError(this.#closed));
    if (signal?.aborted === true) return Promise.reject(stoppedError());
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<ReplyOf<T>>();
    this.#pending.set(id, { type, resolve, reject });
    const onAbort = (): void => {
      this.#pending.delete(id);
      reject(stoppedError());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#send(0, { ...body, type, id });
    return promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  /** Sends an event; its order with data frames is kept. */
  sendEvent(channel: number, event: AnyEvent): void {
    this.#send(channel, event);
  }

  /** Sends a ping; the answer comes as onRoundTrip. */
  ping(): void {
    this.transport.send(encodePing(FrameKind.ping, performance.now()));
  }

  close(code: number, reason: string): void {
    this.transport.close(code, reason);
  }

  #send(channel: number, message: object): void {
    for (const frame of encodeMessage(channel, message)) this.transport.send(frame);
  }

  #onFrame(bytes: Buffer): void {
    this.lastFrameAt = performance.now();
    try {
      this.#dispatch(decodeFrame(bytes));
    } catch (error) {
      this.close(CloseCode.protocol, error instanceof Error ? error.message : String(error));
    }
  }

  #dispatch(frame: Frame): void {
    switch (frame.kind) {
      case FrameKind.control:
      case FrameKind.controlPart: {
        const message = this.#assembler.accept(frame.channel, frame.payload, frame.kind === FrameKind.control);
        if (message !== undefined) this.#onMessage(frame.channel, message);
        return;
      }
      case FrameKind.ping:
        this.transport.send(encodePing(FrameKind.pong, frame.time));
        return;
      case FrameKind.pong:
        this.#listeners.onRoundTrip?.(performance.now() - frame.time);
        return;
      default:
        this.#listeners.onChannelFrame?.(frame);
    }
  }

  #onMessage(channel: number, message: RawMessage): void {
    if (message.type === 'reply' || message.type === 'error') {
      this.#onReply(message);
    } else if (message.id !== undefined) {
      void this.#answer(message.id, message);
    } else if (isEventType(message.type)) {
      this.#assertDirection(message.type);
      const event = v.safeParse(EVENTS[message.type], message, FIRST_ISSUE);
      if (!event.success) throw notAsAgreed(message.type, event.issues[0]);
      // The schema of the type was applied; the union cannot be narrowed by a computed key.
      this.#listeners.onEvent?.(channel, { ...event.output, type: message.type } as AnyEvent);
    }
    // An event of a newer protocol is ignored.
  }

  /** Who takes requests is the session host's side: events come from there, but for what its gateway tells it. */
  #assertDirection(type: EventType): void {
    const isHost = this.#listeners.onRequest !== undefined;
    if (isHost === TO_HOST.has(type)) return;
    throw new RemotingError('ProtocolViolation', `${type} goes the other way`);
  }

  async #answer(id: number, message: RawMessage): Promise<void> {
    try {
      const request = parseRequest(message);
      if (this.#listeners.onRequest === undefined)
        throw new RemotingError('UnknownOperation', `${request.type} goes the other way`);
      const reply = await this.#listeners.onRequest(request);
      this.#send(0, { ...(reply as object), type: 'reply', id });
    } catch (error) {
      const known =
        error instanceof RemotingError ? error : new RemotingError('InternalError', messageOf(error), { cause: error });
      this.#send(0, { type: 'error', id, error: known.id, message: known.message, target: known.target });
    }
  }

  #onReply(message: RawMessage): void {
    const { id = 0 } = message;
    if (id < 1 || id >= this.#nextId)
      throw new RemotingError('ProtocolViolation', 'There is an answer that nobody asked for');
    const pending = this.#pending.get(id);
    // An answer to a request that was aborted.
    if (pending === undefined) return;
    this.#pending.delete(id);
    if (message.type === 'error') {
      pending.reject(receivedError(message));
      return;
    }
    const reply = v.safeParse(REQUESTS[pending.type].reply, message, FIRST_ISSUE);
    if (reply.success) pending.resolve(reply.output as never);
    else pending.reject(notAsAgreed(`The reply to ${pending.type}`, reply.issues[0]));
  }

  #onClose(reason: CloseReason): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const pending of this.#pending.values()) pending.reject(lostError(reason));
    this.#pending.clear();
    this.#listeners.onClose(reason);
  }
}

/**
 * Checks a request against its schema.
 * @throws RemotingError UnknownOperation or InvalidMessage
 */
export function parseRequest(message: RawMessage): IncomingRequest {
  const { type } = message;
  if (!Object.hasOwn(REQUESTS, type)) throw new RemotingError('UnknownOperation', `There is no operation ${type}`);
  const known = type as RequestType;
  const body = v.safeParse(REQUESTS[known].request, message, FIRST_ISSUE);
  if (!body.success) throw notAsAgreed(type, body.issues[0]);
  return { type: known, body: body.output } as IncomingRequest;
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type);
}

function notAsAgreed(what: string, issue: v.BaseIssue<unknown>): RemotingError {
  return new RemotingError('InvalidMessage', `${what} is not as agreed: ${issueText(issue, 'message')}`);
}

function stoppedError(): RemotingError {
  return new RemotingError('OperationStopped', 'Stopped before there was an answer');
}

function lostError(reason: CloseReason): RemotingError {
  return new RemotingError('ConnectionLost', reason.reason === '' ? `The link closed (${reason.code})` : reason.reason);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
