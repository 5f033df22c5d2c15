import type { TLSSocket } from 'node:tls';
import {
  CloseCode,
  RemotingError,
  WebSocketTransport,
  tlsExporter,
  transportHandshakeIo,
  type ErrorId,
  type Refusal,
} from '@holdfast/protocol';
import type { WebSocket } from 'ws';
import type { Admitted } from './door.ts';
import type { GatewayContext } from './gateway-context.ts';
import { REFUSED } from '../record/event-table.ts';

/** A WebSocket that nobody has spoken on yet. */
export type Arrival = { socket: WebSocket; tls: TLSSocket; address: string; port: number };

/** A client that has proved who it is, on a transport whose next frames are given on by `handOver`. */
export type Admission = Admitted & { transport: WebSocketTransport; handOver: () => void };

const CLOSE_CODES: Partial<Record<ErrorId, number>> = {
  AccessDenied: CloseCode.denied,
  TicketRejected: CloseCode.denied,
  SignatureRejected: CloseCode.denied,
  HandshakeTimeout: CloseCode.denied,
  InternalError: CloseCode.internal,
};

const MAX_REASON = 500;

/**
 * Lets a client prove itself; a refusal is told, logged and recorded.
 * @returns undefined when it was refused
 */
export async function authenticate(
  arrival: Arrival,
  gateway: GatewayContext,
  signal: AbortSignal,
): Promise<Admission | undefined> {
  const { address } = arrival;
  const transport = new WebSocketTransport(arrival.socket, arrival.tls);
  let attempt: Refusal | undefined;
  let violation: string | undefined;
  // What `ws` itself finds wrong (a frame too large, a wrong opcode) closes the socket without another word.
  arrival.socket.on('error', (error) => (violation = error.message));
  try {
    const io = transportHandshakeIo(transport, tlsExporter(arrival.tls));
    const admitted = await gateway.door.admit(io, {
      address,
      product: `holdfast-agent ${gateway.identity.version}`,
      timeoutMs: gateway.settings.handshakeTimeoutMs,
      onRefused: (refusal) => {
        attempt = refusal;
        gateway.counters.add('keysRefused');
        logRefusal(gateway, arrival, { ...refusal });
      },
      signal,
    });
    return { ...admitted, transport, handOver: () => io.handOver() };
  } catch (error) {
    const known = error instanceof RemotingError ? error : new RemotingError('InternalError', String(error));
    // Who leaves after a refusal was logged with it.
    const hasLeft = known.id === 'ConnectionLost' && violation === undefined && attempt !== undefined;
    gateway.counters.add('refused', hasLeft ? 'AccessDenied' : known.id);
    if (!hasLeft) logRefusal(gateway, arrival, { ...attempt, reason: violation ?? known.message, error: known.id });
    // It may have been paused, and the close of the other side would not be seen.
    transport.onFrame = () => {};
    transport.resume();
    transport.close(CLOSE_CODES[known.id] ?? CloseCode.protocol, known.message);
    return undefined;
  }
}

/** Logs and records that somebody was not let in, or tried in vain. */
export function logRefusal(
  { log, registry }: Pick<GatewayContext, 'log' | 'registry'>,
  { address, port }: { address: string; port: number },
  refusal: { reason: string; user?: string | undefined; key?: string | undefined; error?: string },
): void {
  // Part of it may be a stranger's own words, as long as a header may be.
  const reason = refusal.reason.slice(0, MAX_REASON);
  log(REFUSED, { ...refusal, reason, address, port });
  const { user, key } = refusal;
  registry.record({ type: REFUSED, address, user, key, detail: reason });
}
