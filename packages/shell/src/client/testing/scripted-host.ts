import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Link,
  StreamTransport,
  type ChannelFrame,
  type IncomingRequest,
  type SessionEvent,
  type SessionInfo,
} from '@holdfast/protocol';
import { sessionFixture } from '@holdfast/protocol/testing';

/** One connection as the host sees it. */
export type HostSide = { link: Link; socket: Socket; requests: IncomingRequest[]; frames: ChannelFrame[] };

/** A host that answers as a test says, on a Unix socket, to which links can be lost in every way. */
export class ScriptedHost {
  readonly connections: HostSide[] = [];
  /** Answers requests; a thrown RemotingError is the refusal. */
  onRequest: (request: IncomingRequest, side: HostSide) => unknown = () => ({});
  onFrame: (frame: ChannelFrame, side: HostSide) => void = () => undefined;
  /** Runs before a dialed link is given to the client. */
  onDial: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** A frozen host neither reads nor answers; new connections hang too. */
  #frozen = false;
  readonly #folder = mkdtempSync(join(tmpdir(), 'scripted-host-'));
  readonly #server: Server;
  readonly #arrivals: { count: number; resolve: () => void }[] = [];

  private constructor() {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async start(): Promise<ScriptedHost> {
    const host = new ScriptedHost();
    await new Promise<void>((resolve) => {
      host.#server.listen(host.#path, resolve);
    });
    return host;
  }

  readonly dial = async (signal: AbortSignal): Promise<{ transport: StreamTransport; user: string }> => {
    await this.onDial(signal);
    const socket = connect(this.#path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return { transport: new StreamTransport(socket), user: 'tester' };
  };

  /** The newest connection that was used; attempts that lost a race are not. */
  get current(): HostSide {
    const side = this.connections.findLast(({ requests }) => requests.length > 0) ?? this.connections.at(-1);
    if (side === undefined) throw new Error('Nobody connected');
    return side;
  }

  /** Resolves when so many connections have come in all. */
  async arrived(count: number): Promise<void> {
    if (this.connections.length >= count) return;
    await new Promise<void>((resolve) => {
      this.#arrivals.push({ count, resolve });
    });
  }

  /** Cuts all links, as a network does. */
  cut(): void {
    for (const { socket } of this.connections) socket.destroy();
  }

  /** Stops reading and answering on the links that are there. */
  freeze(): void {
    this.#frozen = true;
    for (const { socket } of this.connections) socket.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const { socket } of this.connections) socket.resume();
  }

  stop(): void {
    this.cut();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #path(): string {
    return join(this.#folder, 'host.sock');
  }

  #accept(socket: Socket): void {
    const side: HostSide = {
      socket,
      requests: [],
      frames: [],
      link: new Link(new StreamTransport(socket), {
        onRequest: (request) => {
          side.requests.push(request);
          return this.onRequest(request, side);
        },
        onChannelFrame: (frame) => {
          side.frames.push(frame);
          this.onFrame(frame, side);
        },
        onClose: () => undefined,
      }),
    };
    if (this.#frozen) socket.pause();
    this.connections.push(side);
    for (const arrival of this.#arrivals) if (arrival.count <= this.connections.length) arrival.resolve();
  }
}

/** A session as a host would describe it. */
export function sessionInfo(fields: Partial<SessionInfo> = {}): SessionInfo {
  const instanceId = '00000000-0000-4000-8000-0000000000aa';
  return sessionFixture({ instanceId, incarnation: 'one', name: 'Test', owner: 'tester', ...fields });
}

/** The end of a command as its event. */
export function commandEnded(commandId: string, at: { seq: number; at: number }): SessionEvent {
  return { type: 'command.ended', ...at, commandId, status: 0, cwd: '/', durationMs: 1, jobs: 0 };
}
