import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname } from 'node:path';
import {
  ChannelReceiver,
  FrameKind,
  Link,
  ReplayBuffer,
  StreamTransport,
  encodeData,
  helloAsClient,
  type AnyEvent,
  type CallerStamp,
  type ChannelFrame,
  type CloseReason,
  type EventOf,
  type ReplyOf,
  type RequestOf,
  type SessionEvent,
} from '@holdfast/protocol';
import { socketPath } from '../host/socket-path.ts';

/** The stamp of a client on this machine. */
export const LOCAL_CALLER: CallerStamp = {
  user: userInfo().username,
  roles: ['owner'],
  key: 'local',
  address: 'local',
};

/** One channel of a test's client: what came in, in order, over any number of links. */
export class TestChannel {
  readonly channel: number;
  readonly events: SessionEvent[] = [];
  /** Input that was given to nobody. */
  readonly refused: [from: number, to: number][] = [];
  readonly input = new ReplayBuffer();
  readonly receiver: ChannelReceiver;
  output = '';
  snapshot = '';
  /** All snapshots: what a watcher shows, one after the other. */
  readonly paintings: string[] = [];
  snapshots = 0;
  /** Off: what comes in is not acknowledged, so the credit runs out. */
  consuming = true;
  /** Told of all that comes in, in its order: an event's type, or the offset of output. */
  onArrival: ((what: string | number) => void) | undefined;
  attachment: ReplyOf<'session.open'>['attachment'] | undefined;
  link: Link | undefined;
  #pendingSnapshot: Buffer[] = [];
  #waiters: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor(channel: number) {
    this.channel = channel;
    this.receiver = new ChannelReceiver(channel, (frame) => this.link?.transport.send(frame));
  }

  get eventsTo(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** Types keys; they are kept until acknowledged. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    const offset = this.input.end;
    this.input.append(bytes);
    this.link?.transport.send(encodeData(FrameKind.data, this.channel, offset, bytes));
  }

  /** Sends the input from `offset` on once more. */
  resend(offset: number): void {
    for (let at = offset; at < this.input.end;) {
      const bytes = this.input.readFrom(at, 32 * 1024) ?? Buffer.alloc(0);
      this.link?.transport.send(encodeData(FrameKind.data, this.channel, at, bytes));
      at += bytes.length;
    }
  }

  onFrame(frame: ChannelFrame): void {
    if (frame.kind === FrameKind.ack) this.input.acknowledge(frame.received);
    else if (frame.kind === FrameKind.snapshot) this.#onSnapshot(frame.offset, frame.payload);
    else {
      this.onArrival?.(frame.offset);
      const bytes = this.receiver.accept(frame.offset, frame.payload);
      this.output += bytes.toString('latin1');
      if (this.consuming) this.receiver.consume(bytes.length);
    }
    this.#check();
  }

  onRefused({ from, to }: EventOf<'input.refused'>): void {
    this.refused.push([from, to]);
    this.#check();
  }

  onEvent(event: SessionEvent): void {
    this.onArrival?.(event.type);
    this.events.push(event);
    if (event.type === 'output.dropped' && event.to > this.receiver.received) {
      const skipped = event.to - this.receiver.received;
      this.receiver.skip(event.to);
      this.receiver.consume(skipped);
    }
    this.#check();
  }

  /** Resolves once `isMet` is true; asked after everything that comes in. */
  async until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ isMet, resolve });
    await promise;
  }

  /** The first event of a type, now or later. */
  async event<T extends SessionEvent['type']>(
    type: T,
    isWanted: (event: Extract<SessionEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<SessionEvent, { type: T }>> {
    const find = (): Extract<SessionEvent, { type: T }> | undefined =>
      this.events.find((event): event is Extract<SessionEvent, { type: T }> => {
        // The type is compared just before.
        return event.type === type && isWanted(event as Extract<SessionEvent, { type: T }>);
      });
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`No ${type}`);
    return found;
  }

  #onSnapshot(offset: number, piece: Buffer): void {
    if (piece.length > 0) {
      this.#pendingSnapshot.push(piece);
      return;
    }
    this.snapshot = Buffer.concat(this.#pendingSnapshot).toString('latin1');
    this.#pendingSnapshot = [];
    this.paintings.push(this.snapshot);
    this.snapshots += 1;
    this.receiver.jump(offset);
    if (this.consuming) this.receiver.acknowledgeNow();
  }

  #check(): void {
    const met = this.#waiters.filter(({ isMet }) => isMet());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }
}

/** A client of a session host, whose links a test cuts and makes anew. */
export class HostClient {
  readonly clientId: string = randomUUID();
  readonly channels = new Map<number, TestChannel>();
  onConnectionEvent: ((event: AnyEvent) => void) | undefined;
  readonly #socketPath: string;
  readonly #caller: CallerStamp;
  readonly #name: string;
  #link: Link | undefined;
  #socket: Socket | undefined;
  #nextChannel = 1;

  private constructor(socketPath: string, caller: CallerStamp, name: string) {
    this.#socketPath = socketPath;
    this.#caller = caller;
    this.#name = name;
  }

  static async connect(socketPath: string, caller: CallerStamp = LOCAL_CALLER, name = 'test'): Promise<HostClient> {
    const client = new HostClient(socketPath, caller, name);
    await client.relink();
    return client;
  }

  get link(): Link {
    if (this.#link === undefined) throw new Error('No link');
    return this.#link;
  }

  /** Makes a new link; the former one, if it is still there, stays open. Returns what closes that one. */
  async relink(): Promise<() => void> {
    const former = this.#socket;
    using place = socketPath(dirname(this.#socketPath), basename(this.#socketPath));
    const socket = connect(place.path);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const transport = new StreamTransport(socket);
    await helloAsClient(transport, { clientId: this.clientId, clientName: this.#name, caller: this.#caller });
    const link: Link = new Link(transport, {
      onChannelFrame: (frame) => {
        if (this.#link === link) this.channels.get(frame.channel)?.onFrame(frame);
      },
      onEvent: (channel: number, event: AnyEvent) => {
        if (event.type === 'input.refused') return this.channels.get(channel)?.onRefused(event);
        if (event.type === 'connection.goaway' || event.type === 'client.heard' || event.type === 'journal.grew') {
          this.onConnectionEvent?.(event);
        } else if (this.#link === link) this.channels.get(channel)?.onEvent(event);
      },
      onClose: (reason: CloseReason) => void reason,
    });
    this.#socket = socket;
    this.#link = link;
    for (const channel of this.channels.values()) channel.link = undefined;
    return () => former?.destroy();
  }

  /** Cuts the link with everything in flight. */
  cut(): void {
    this.#socket?.destroy();
    this.#link = undefined;
  }

  /** Goes on with all channels on the present link. */
  async resume(attempt?: number): Promise<ReplyOf<'connection.resume'>['channels']> {
    const asked = [...this.channels.values()].flatMap((channel) => {
      if (channel.attachment === undefined) return [];
      channel.link = this.link;
      channel.receiver.restart();
      const { attachmentId, incarnation } = channel.attachment;
      const { received: receivedTo, limit } = channel.receiver;
      return [{ channel: channel.channel, attachmentId, incarnation, receivedTo, limit, eventsTo: channel.eventsTo }];
    });
    const { channels } = await this.link.request('connection.resume', { channels: asked, ...(attempt && { attempt }) });
    for (const { channel, inputReceived } of channels) {
      if (inputReceived !== undefined) this.channels.get(channel)?.resend(inputReceived);
    }
    return channels;
  }

  newChannel(): TestChannel {
    const channel = new TestChannel(this.#nextChannel++);
    channel.link = this.link;
    this.channels.set(channel.channel, channel);
    return channel;
  }

  async open(options: Partial<RequestOf<'session.open'>> = {}): Promise<TestChannel & { instanceId: string }> {
    const channel = this.newChannel();
    const { session, attachment } = await this.link.request('session.open', {
      channel: channel.channel,
      openId: randomUUID(),
      columns: 80,
      rows: 24,
      environment: testEnvironment(),
      temporary: false,
      ...options,
    });
    channel.attachment = attachment;
    return Object.assign(channel, { instanceId: session.instanceId });
  }

  /** Shows a channel and waits for the snapshot, if there is one. */
  async show(
    channel: TestChannel,
    after?: number,
    how: Partial<RequestOf<'session.show'>> = {},
  ): Promise<ReplyOf<'session.show'>> {
    const { snapshots } = channel;
    const shown = await this.link.request('session.show', {
      channel: channel.channel,
      columns: 80,
      rows: 24,
      ...how,
      ...(after !== undefined && { after, limit: channel.receiver.limit }),
    });
    if (shown.snapshot) await channel.until(() => channel.snapshots > snapshots);
    return shown;
  }

  /** Runs a command and waits for its end and for the shell to take the next one. */
  async run(channel: TestChannel, text: string): Promise<Extract<SessionEvent, { type: 'command.ended' }>> {
    const commandId = randomUUID();
    await this.link.request('command.run', { channel: channel.channel, commandId, text });
    const ended = await channel.event('command.ended', (event) => event.commandId === commandId);
    await channel.event('command.ready', (event) => event.commandId === commandId);
    return ended;
  }

  close(): void {
    this.#socket?.destroy();
  }
}

/** The environment of a session in tests: no rc files of the machine. */
export function testEnvironment(home = '/nonexistent'): Record<string, string> {
  return {
    HOME: home,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    SHELL: '/bin/bash',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  };
}
