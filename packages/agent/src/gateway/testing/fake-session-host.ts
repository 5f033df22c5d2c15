import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import {
  FrameKind,
  Link,
  StreamTransport,
  encodeData,
  helloAsHost,
  type ChannelFrame,
  type HostHello,
  type IncomingRequest,
} from '@holdfast/protocol';

/** One connection of the gateway to a FakeSessionHost. */
export type FakeLink = { link: Link; hello: HostHello; frames: ChannelFrame[] };

export type FakeHostOptions = {
  /** Answers a request; what it throws is the error. */
  onRequest: (request: IncomingRequest, from: FakeLink) => unknown;
  onFrame?: (frame: ChannelFrame, from: FakeLink) => void;
  /** The gateway closed a connection that had greeted. */
  onClosed?: () => void;
  /** Greets nobody, as a host that hangs. */
  silent?: boolean;
};

/** Speaks the session host's protocol on a real Unix socket, and does what the test says. */
export class FakeSessionHost {
  readonly name: string;
  readonly socketPath: string;
  readonly links: FakeLink[] = [];
  readonly #options: FakeHostOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(runtimeDir: string, name: string, options: FakeHostOptions) {
    this.name = name;
    this.socketPath = path.join(runtimeDir, name);
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      if (options.silent !== true) void this.#greet(socket);
    });
  }

  static async start(runtimeDir: string, name: string, options: FakeHostOptions): Promise<FakeSessionHost> {
    mkdirSync(runtimeDir, { recursive: true, mode: 0o700 });
    const host = new FakeSessionHost(runtimeDir, name, options);
    host.#server.listen(host.socketPath);
    await once(host.#server, 'listening');
    return host;
  }

  /** The first connection that greeted. */
  get first(): FakeLink {
    const [first] = this.links;
    if (first === undefined) throw new Error('Nobody has connected');
    return first;
  }

  /** Sends output of a channel; false when the gateway takes no more for now. */
  static output(link: Link, channel: number, offset: number, bytes: Uint8Array): boolean {
    return link.transport.send(encodeData(FrameKind.data, channel, offset, bytes));
  }

  /** Goes away at once, as a host that was killed; its socket's file stays if `leaveFile`. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #greet(socket: Socket): Promise<void> {
    const transport = new StreamTransport(socket);
    const generation = this.name.replace('.sock', '');
    try {
      const hello = await helloAsHost(transport, { generation, buildId: 'fake' });
      const frames: ChannelFrame[] = [];
      const link: Link = new Link(transport, {
        onRequest: (request) => this.#options.onRequest(request, fake),
        onChannelFrame: (frame) => {
          frames.push(frame);
          this.#options.onFrame?.(frame, fake);
        },
        onClose: () => this.#options.onClosed?.(),
      });
      const fake = { link, hello, frames };
      this.links.push(fake);
    } catch {
      // The test's gateway went away while it greeted.
    }
  }
}
