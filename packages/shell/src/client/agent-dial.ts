import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import {
  RemotingError,
  SUBPROTOCOL,
  WebSocketTransport,
  handshakeAsClient,
  tlsExporter,
  transportHandshakeIo,
  type Signer,
  type Ticket,
} from '@holdfast/protocol';
import { WebSocket } from 'ws';
import type { HostAddress } from './hosts.ts';
import type { Dial, DialedLink } from './link-keeper.ts';

/** A ws message is one frame; nothing larger is read. */
const MAX_FRAME = 64 * 1024;

/** HTTP's Too Many Requests. */
const TOO_MANY = 429;

/** Characters of what is said by whoever lets nobody in. */
const MAX_LINE = 200;

export type AgentAddress = Extract<HostAddress, { kind: 'agent' }>;

/** How to prove who is who. */
export type AgentCredentials = {
  user: string;
  clientId: string;
  clientName: string;
  /** Throws unless the agent's host key is the one that this computer must have. */
  checkHostKey: (hostKey: Buffer, certificate: Buffer | undefined) => Promise<void>;
  /** The user's keys in the order in which to offer them; called for each handshake. */
  keys: () => AsyncIterable<Signer>;
  /** Why keys are not among them, a sentence each. */
  leftOut: () => readonly string[];
};

/** Makes a Dial to a gateway. The ticket of the last handshake lets the next one in without a key, in this process. */
export function agentDial(address: AgentAddress, credentials: AgentCredentials): Dial {
  let ticket: Ticket | undefined;
  return async (signal) => {
    const { transport, exporter } = await openWebSocket(address, signal);
    const io = transportHandshakeIo(transport, exporter);
    try {
      const options = { ...credentials, keys: credentials.keys(), ticket, signal };
      const result = await handshakeAsClient(io, options);
      ticket = result.ticket;
      return { transport, user: result.user, handOver: () => io.handOver() } satisfies DialedLink;
    } catch (error) {
      transport.terminate();
      throw error;
    }
  };
}

async function openWebSocket(
  { host, port, path, computerName }: AgentAddress,
  signal: AbortSignal,
): Promise<{ transport: WebSocketTransport; exporter: Buffer }> {
  const literal = host.includes(':') ? `[${host}]` : host;
  const socket = new WebSocket(`wss://${literal}:${port}${path}`, SUBPROTOCOL, {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
    minVersion: 'TLSv1.3',
    // The certificate is nobody's: the host proves its key in the handshake, over this very TLS connection.
    rejectUnauthorized: false,
    // Without a list of its own, Node reads the certificates of 140 authorities first, for 8 ms.
    ca: [],
    // RFC 6455 masks against caches that read along; inside TLS none does, and masking in JS costs most of the speed.
    generateMask: () => undefined,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let exporter: Buffer | undefined;
  const onAbort = (): void => reject(abortError(signal, computerName));
  signal.addEventListener('abort', onAbort, { once: true });
  socket.on('upgrade', (response) => {
    try {
      // The connection is TLS, for the URL says wss.
      exporter = tlsExporter(response.socket as TLSSocket);
    } catch (error) {
      reject(error);
    }
  });
  // It stays: a socket that is terminated before it opened says so by an error, later.
  socket.on('error', reject);
  socket.on('open', resolve);
  socket.on('unexpected-response', (_request, response) => {
    void readLine(response).then((line) => {
      const id = response.statusCode === TOO_MANY ? 'TooManyConnections' : 'ConnectionRefused';
      reject(new RemotingError(id, cannotConnect({ computerName, host, port }, line), { target: computerName }));
    });
  });
  if (signal.aborted) onAbort();
  try {
    await promise;
    // Its listeners are there before the next message can come.
    // Not corked: a key or a command leaves before this turn goes on to draw.
    const transport = new WebSocketTransport(socket);
    if (exporter === undefined) throw new RemotingError('ProtocolViolation', `${computerName} opened without TLS`);
    return { transport, exporter };
  } catch (error) {
    socket.terminate();
    throw connectError(error, { computerName, host, port });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What a person can do about each way not to get through. */
const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there: is the agent running, and is this its port',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the name could not be looked up: is there a network',
  EHOSTUNREACH: 'no way to that host',
  ENETUNREACH: 'no way to that network',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'the other side hung up',
};

function connectError(error: unknown, at: { computerName: string; host: string; port: number }): RemotingError {
  if (error instanceof RemotingError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = ADVICE[code] ?? (error instanceof Error ? error.message : String(error));
  return new RemotingError('ConnectionRefused', cannotConnect(at, reason), { target: at.computerName, cause: error });
}

function cannotConnect(at: { computerName: string; host: string; port: number }, reason: string): string {
  return `Cannot connect to ${at.computerName} (${at.host} port ${at.port}): ${reason}`;
}

/** Why a web server let nobody in, from its first line. It has not proved yet who it is: nothing in it acts on a terminal. */
async function readLine(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_LINE) break;
    }
  } catch {
    // It hung up in the middle: what came is what it said.
  }
  const [line = ''] = text.split('\n', 1);
  const said = line.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, MAX_LINE);
  return said === '' ? `the answer was HTTP ${response.statusCode ?? ''}` : said;
}

function abortError(signal: AbortSignal, computerName: string): RemotingError {
  const reason: unknown = signal.reason;
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  return timedOut
    ? new RemotingError('HandshakeTimeout', `${computerName} did not answer in time`, { target: computerName })
    : new RemotingError('OperationStopped', `Connecting to ${computerName} was stopped`, { target: computerName });
}
