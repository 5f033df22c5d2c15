import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { TLSSocket } from 'node:tls';
import {
  Link,
  SUBPROTOCOL,
  WebSocketTransport,
  handshakeAsClient,
  keySigner,
  parsePrivateKey,
  tlsExporter,
  transportHandshakeIo,
  type AnyEvent,
  type ChannelFrame,
  type CloseReason,
  type Signer,
  type Ticket,
  type TransportHandshakeIo,
} from '@holdfast/protocol';
import { WebSocket } from 'ws';

export type ClientOptions = {
  port: number;
  key: Signer;
  user?: string;
  clientId?: string;
  ticket?: Ticket | undefined;
  /** An address of this machine to come from. */
  localAddress?: string;
  onEvent?: (channel: number, event: AnyEvent) => void;
  onFrame?: (frame: ChannelFrame) => void;
};

/** Reads a private key that ssh-keygen made, without a passphrase. */
export function readKey(file: string): Signer {
  const key = parsePrivateKey(readFileSync(file, 'utf8'));
  if (key.encrypted) throw new Error(`${file} has a passphrase`);
  return keySigner(key.privateKey, file);
}

/** The same private key with the certificate for it that `ssh-keygen -s` put beside it. */
export function withCertificate(key: Signer, certificateFile: string): Signer {
  const [, base64 = ''] = readFileSync(certificateFile, 'utf8').split(' ');
  return { ...key, publicKey: Buffer.from(base64, 'base64') };
}

/** Opens a WebSocket to a gateway on loopback. */
export async function openSocket(
  port: number,
  headers: Record<string, string> = {},
  path = '/',
  localAddress = '127.0.0.1',
): Promise<WebSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, SUBPROTOCOL, {
    rejectUnauthorized: false,
    perMessageDeflate: false,
    headers,
    localAddress,
  });
  const upgraded = Promise.withResolvers<TLSSocket>();
  socket.on('upgrade', (response) => {
    if (response.socket instanceof TLSSocket) upgraded.resolve(response.socket);
  });
  await once(socket, 'open');
  sockets.set(socket, await upgraded.promise);
  return socket;
}

/** A connection to a gateway on loopback, ready for the handshake. */
export async function openHandshake(
  port: number,
  localAddress?: string,
): Promise<{ socket: WebSocket; transport: WebSocketTransport; io: TransportHandshakeIo }> {
  const socket = await openSocket(port, {}, '/', localAddress);
  const tls = sockets.get(socket);
  if (tls === undefined) throw new Error('There is no TLS socket');
  const transport = new WebSocketTransport(socket);
  return { socket, transport, io: transportHandshakeIo(transport, tlsExporter(tls)) };
}

const sockets = new WeakMap<WebSocket, TLSSocket>();

/** A client with nothing but the protocol's own parts. */
export class TestClient {
  readonly link: Link;
  readonly socket: WebSocket;
  readonly clientId: string;
  readonly events: { channel: number; event: AnyEvent }[] = [];
  readonly frames: ChannelFrame[] = [];
  readonly closed: Promise<CloseReason>;
  ticket: Ticket | undefined;
  resumed = false;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: WebSocket, transport: WebSocketTransport, options: ClientOptions) {
    this.socket = socket;
    this.clientId = options.clientId ?? randomUUID();
    const closed = Promise.withResolvers<CloseReason>();
    this.closed = closed.promise;
    this.link = new Link(transport, {
      onEvent: (channel, event) => {
        this.events.push({ channel, event });
        options.onEvent?.(channel, event);
        this.#notify();
      },
      onChannelFrame: (frame) => {
        this.frames.push(frame);
        options.onFrame?.(frame);
        this.#notify();
      },
      onClose: (reason) => {
        closed.resolve(reason);
        this.#notify();
      },
    });
  }

  /** @throws RemotingError as handshakeAsClient does */
  static async connect(options: ClientOptions): Promise<TestClient> {
    const { socket, transport, io } = await openHandshake(options.port, options.localAddress);
    const clientId = options.clientId ?? randomUUID();
    const result = await handshakeAsClient(io, {
      user: options.user ?? userInfo().username,
      clientId,
      clientName: 'test client',
      checkHostKey: () => Promise.resolve(),
      keys: one(options.key),
      ticket: options.ticket,
      signal: AbortSignal.timeout(20_000),
    });
    const client = new TestClient(socket, transport, { ...options, clientId });
    client.ticket = result.ticket;
    client.resumed = result.resumed;
    io.handOver();
    return client;
  }

  /** Waits until something that came in makes `found` give a value. */
  async until<T>(found: () => T | undefined): Promise<T> {
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      if (this.link.closed !== undefined) throw new Error(`The link closed: ${JSON.stringify(this.link.closed)}`);
      await this.#changed.promise;
    }
  }

  /** Output of a channel, byte by byte in order, or an error when a byte is missing. */
  output(channel: number, from = 0): Buffer {
    const pieces: Buffer[] = [];
    let next = from;
    for (const frame of this.frames) {
      if (frame.kind !== 3 || frame.channel !== channel) continue;
      if (frame.offset > next) throw new Error(`Bytes ${next} to ${frame.offset} are missing`);
      const fresh = frame.payload.subarray(Math.min(frame.payload.length, next - frame.offset));
      pieces.push(fresh);
      next += fresh.length;
    }
    return Buffer.concat(pieces);
  }

  close(): void {
    this.socket.close();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

async function* one(key: Signer): AsyncGenerator<Signer> {
  yield await Promise.resolve(key);
}
