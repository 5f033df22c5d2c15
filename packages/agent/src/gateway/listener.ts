import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { MAX_FRAME, SUBPROTOCOL, type TlsCertificate } from '@holdfast/protocol';
import { WebSocketServer } from 'ws';
import type { Arrival } from './authentication.ts';
import { judgeUpgrade, type UpgradeRefusal } from './judge-upgrade.ts';
import type { ListenAddress } from './listen-address.ts';
import { ConnectionLimits, type Place } from './rate-limit.ts';
import type { GatewaySettings } from './settings.ts';

export type ListenerOptions = {
  listen: ListenAddress;
  certificate: TlsCertificate;
  settings: GatewaySettings;
  /** A WebSocket of ours was opened; `place` is to be told when it has authenticated. */
  onArrival: (arrival: Arrival, place: Place) => void;
  /** A connection could not be accepted. */
  onFault: (error: Error) => void;
  /** Somebody was sent away before that. */
  onRefused: (from: { address: string; port: number }, reason: string, kind: RefusalKind) => void;
};

/** Why somebody did not even get to authentication. */
export type RefusalKind = 'flood' | 'timeout' | 'tls' | 'http' | 'limit';

const KEEP_ALIVE_MS = 30_000;

/** `refused`: it was told, or logged, why it is sent away. */
type Visitor = {
  name: string;
  socket: Socket;
  place: Place;
  deadline: NodeJS.Timeout;
  stage: 'bare' | 'secure' | 'refused';
};

/** Listens for WebSockets on TLS 1.3, and sends everybody else away with one line. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ConnectionLimits;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  /** Connections that have not authenticated, by address and port of the other side. */
  readonly #visitors = new Map<string, Visitor>();

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = new ConnectionLimits(options.settings);
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME,
      handleProtocols: () => SUBPROTOCOL,
    });
    const server = createServer({ ...options.certificate, minVersion: 'TLSv1.3', noDelay: true, keepAlive: true });
    server.keepAliveTimeout = 1;
    server.on('connection', (socket: Socket) => this.#onConnection(socket));
    server.on('secureConnection', (socket: TLSSocket) => {
      const visitor = this.#visitorOf(peerOf(socket));
      if (visitor !== undefined) visitor.stage = 'secure';
    });
    server.on('clientError', (error, socket) => this.#onClientError(error, socket));
    server.on('request', (request, response) => this.#onRequest(request, response));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#server = server;
  }

  /**
   * Starts to listen.
   * @throws Error of node:net (EADDRINUSE, EACCES, EADDRNOTAVAIL …)
   */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    listener.#server.listen({ host: options.listen.host, port: options.listen.port });
    await once(listener.#server, 'listening');
    // Connections that cannot be accepted, when descriptors run out.
    listener.#server.on('error', options.onFault);
    return listener;
  }

  /** Where it listens, with the real port. */
  get address(): ListenAddress {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The gateway does not listen');
    return { host: address.address, port: address.port };
  }

  /** Whether it accepts connections. */
  get isOpen(): boolean {
    return this.#server.listening;
  }

  /** Connections that have not authenticated. */
  get waiting(): number {
    return this.#limits.waiting;
  }

  /** Takes no more connections, and ends those that have not authenticated. */
  close(): void {
    this.#server.close();
    for (const visitor of this.#visitors.values()) {
      visitor.stage = 'refused';
      visitor.socket.destroy();
    }
  }

  #onConnection(socket: Socket): void {
    const { address, port } = peerOf(socket);
    if (address === '' || this.#limits.isFlooded(address)) {
      // Not even the TLS handshake that a refusal needs can be afforded.
      this.#options.onRefused({ address, port }, 'Too many connections wait for authentication', 'flood');
      socket.destroy();
      return;
    }
    const place = this.#limits.enter(address);
    const deadline = setTimeout(() => {
      visitor.stage = 'refused';
      this.#options.onRefused({ address, port }, 'It did not authenticate in time', 'timeout');
      socket.destroy();
      // The handshake's own limit comes first, with a message; this one is for those that never got so far.
    }, this.#options.settings.handshakeTimeoutMs + 1000);
    const name = `${address} ${port}`;
    const visitor: Visitor = { name, socket, place, deadline, stage: 'bare' };
    this.#visitors.set(name, visitor);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // A reset before TLS is up has no other listener.
    socket.on('error', ignore);
    socket.once('close', () => {
      clearTimeout(deadline);
      this.#visitors.delete(name);
      place.release();
      if (visitor.stage === 'bare') this.#options.onRefused({ address, port }, 'It left before TLS came about', 'tls');
    });
  }

  /** Neither TLS nor HTTP inside it; node:https reports both here. */
  #onClientError(error: Error & { code?: string; reason?: string }, socket: Duplex): void {
    const { code = '', reason = error.message } = error;
    if (!(socket instanceof TLSSocket)) {
      socket.destroy();
    } else if (code.startsWith('HPE_') || code.startsWith('ERR_HTTP')) {
      this.#refuse(socket, { status: 400, line: `That is not HTTP: ${code}` });
    } else {
      const peer = peerOf(socket);
      const visitor = this.#visitorOf(peer);
      // It has gone, and its end was told with its address, which is not to be had here any more.
      if (visitor === undefined) return;
      visitor.stage = 'refused';
      this.#options.onRefused(peer, `TLS did not come about: ${reason}`, 'tls');
      if (code === 'ERR_SSL_HTTP_REQUEST') {
        visitor.socket.end(answer(400, 'This port speaks TLS: connect with holdfast'));
      } else visitor.socket.destroy();
    }
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const refusal = judgeUpgrade(request, this.#options.settings) ?? { status: 426, line: 'Connect with holdfast' };
    const { status, line } = refusal;
    this.#options.onRefused(peerOf(request.socket), `${request.method ?? ''} ${loggedAs(refusal)}`, 'http');
    response.writeHead(status, { 'Content-Type': 'text/plain', Connection: 'close', Upgrade: 'websocket' });
    response.end(`${line}\n`);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // node:http takes its own listeners off an upgraded socket.
    socket.on('error', ignore);
    const refusal = judgeUpgrade(request, this.#options.settings);
    const peer = peerOf(request.socket);
    const visitor = this.#visitorOf(peer);
    if (visitor === undefined || !(socket instanceof TLSSocket)) {
      socket.destroy();
    } else if (refusal !== undefined) {
      this.#refuse(socket, refusal);
    } else if (visitor.place.refusal !== undefined) {
      this.#refuse(socket, { status: 429, line: visitor.place.refusal });
    } else {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        this.#options.onArrival({ socket: webSocket, tls: socket, ...peer }, this.#placeOf(visitor));
      });
    }
  }

  #visitorOf({ address, port }: { address: string; port: number }): Visitor | undefined {
    return this.#visitors.get(`${address} ${port}`);
  }

  /** The visitor's place; with authentication it is no visitor any more. */
  #placeOf({ name, place, deadline }: Visitor): Place {
    return {
      ...place,
      authenticated: () => {
        clearTimeout(deadline);
        this.#visitors.delete(name);
        place.authenticated();
      },
    };
  }

  #refuse(socket: Duplex, refusal: UpgradeRefusal): void {
    if (socket instanceof TLSSocket)
      this.#options.onRefused(peerOf(socket), loggedAs(refusal), refusal.status === 429 ? 'limit' : 'http');
    if (socket.writable) socket.end(answer(refusal.status, refusal.line));
    else socket.destroy();
  }
}

const STATUS_TEXT: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
};

function answer(status: number, line: string): string {
  const text = `${line}\n`;
  const headers = `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
  return `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? ''}\r\n${headers}\r\n\r\n${text}`;
}

function loggedAs({ status, line, reason }: UpgradeRefusal): string {
  return reason === undefined ? `${status}: ${line}` : `${status}: ${line}: ${reason}`;
}

function peerOf(socket: Socket): { address: string; port: number } {
  const { remoteAddress = '', remotePort = 0 } = socket;
  // A dual-stack socket shows IPv4 addresses as IPv6 (RFC 4291, 2.5.5.2).
  return { address: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ''), port: remotePort };
}

function ignore(): void {}
