import {
  CloseCode,
  FrameKind,
  FrameScheduler,
  Link,
  RemotingError,
  type AnyEvent,
  type CallerStamp,
  type ChannelFrame,
  type IncomingRequest,
  type Transport,
} from '@holdfast/protocol';
import type { ChannelEnd, ClientIdentity } from '../session/channel-port.ts';
import { LinkPort } from './link-port.ts';

/** What a connection does with what comes in. */
export type ConnectionListeners = {
  /** The returned value is the reply. */
  onRequest: (request: IncomingRequest, connection: ClientConnection) => unknown;
  onClose: (connection: ClientConnection) => void;
};

/** One client's link to this host, straight or through the gateway, and the channels on it. */
export class ClientConnection {
  readonly identity: ClientIdentity;
  readonly caller: CallerStamp;
  readonly #link: Link;
  readonly #scheduler: FrameScheduler;
  readonly #ports = new Map<number, LinkPort>();
  /** When the client's last frame came in at its gateway, performance.now() milliseconds; absent without a gateway. */
  #heardAt: number | undefined;

  constructor(
    transport: Transport,
    greeting: { clientId: string; clientName: string; caller: CallerStamp },
    listeners: ConnectionListeners,
  ) {
    const { clientId, clientName, caller } = greeting;
    this.identity = { clientId, client: clientName, address: caller.address, user: caller.user };
    this.caller = caller;
    this.#scheduler = new FrameScheduler(transport);
    this.#link = new Link(transport, {
      onRequest: (request) => listeners.onRequest(request, this),
      onEvent: (_channel, event) => this.#onEvent(event),
      onChannelFrame: (frame) => this.#onChannelFrame(frame),
      onDrain: this.#scheduler.onDrain,
      onClose: () => {
        this.#onClose();
        listeners.onClose(this);
      },
    });
  }

  /** Whether the client is on this machine, without a network. */
  get isLocal(): boolean {
    return this.caller.key === 'local';
  }

  /**
   * Takes a channel into use: its frames go to the `end` that `make` returns with the reply.
   * @throws RemotingError InvalidMessage when the channel is in use, and what `make` throws
   */
  attach<R>(channel: number, make: (port: LinkPort) => { end: ChannelEnd; reply: R }): R {
    if (this.#ports.has(channel)) throw new RemotingError('InvalidMessage', `Channel ${channel} is in use`);
    return this.reattach(channel, make);
  }

  /** The same for a channel that may be in use already: whoever resumes it twice means the same. */
  reattach<R>(channel: number, make: (port: LinkPort) => { end: ChannelEnd; reply: R }): R {
    const port = this.#ports.get(channel) ?? this.#openPort(channel);
    try {
      const { end, reply } = make(port);
      port.end = end;
      return reply;
    } catch (error) {
      if (port.end === undefined) port.release();
      throw error;
    }
  }

  /** What the channel's frames go to; undefined for a channel that is not in use. */
  endOf(channel: number): ChannelEnd | undefined {
    return this.#ports.get(channel)?.end;
  }

  /** Sends an event of the link itself. */
  tell(event: AnyEvent): void {
    this.#link.sendEvent(0, event);
  }

  close(reason: string): void {
    this.#link.close(CloseCode.goingAway, reason);
  }

  #openPort(channel: number): LinkPort {
    const onReleased = (port: LinkPort): void => {
      if (this.#ports.get(channel) === port) this.#ports.delete(channel);
    };
    const silentMs = (): number => (this.#heardAt === undefined ? 0 : performance.now() - this.#heardAt);
    const port = new LinkPort(channel, { link: this.#link, scheduler: this.#scheduler, silentMs, onReleased });
    this.#ports.set(channel, port);
    return port;
  }

  #onEvent(event: AnyEvent): void {
    if (event.type === 'client.heard') this.#heardAt = performance.now() - event.agoMs;
  }

  #onChannelFrame(frame: ChannelFrame): void {
    const end = this.endOf(frame.channel);
    // Frames of a channel that was released may still be on their way.
    if (end === undefined) return;
    if (frame.kind === FrameKind.data) end.onData(frame.offset, frame.payload);
    else if (frame.kind === FrameKind.ack) end.onAck(frame.received, frame.limit);
    else throw new RemotingError('ProtocolViolation', 'A client sent a snapshot');
  }

  #onClose(): void {
    for (const port of this.#ports.values()) {
      port.release();
      port.end?.onLinkLost(port);
    }
  }
}
