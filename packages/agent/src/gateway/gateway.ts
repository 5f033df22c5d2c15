import { setTimeout as delay } from 'node:timers/promises';
import { CloseCode, type TlsCertificate } from '@holdfast/protocol';
import { authenticate, logRefusal, type Admission, type Arrival } from './authentication.ts';
import { ClientConnection } from './client-connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ListenAddress } from './listen-address.ts';
import { Listener } from './listener.ts';
import type { GatewayFigures } from './metrics/gateway-metrics.ts';
import type { Place } from './rate-limit.ts';

/** Network in front of the session hosts; it holds no session and may be killed at any time. */
export class Gateway {
  readonly #context: GatewayContext;
  readonly #clients = new Set<ClientConnection>();
  readonly #stopping = new AbortController();
  readonly #empty = Promise.withResolvers<void>();
  #listener: Listener | undefined;

  constructor(context: GatewayContext) {
    this.#context = context;
  }

  /**
   * Starts to listen.
   * @returns where, with the real port
   * @throws Error of node:net
   */
  async listen(listen: ListenAddress, certificate: TlsCertificate): Promise<ListenAddress> {
    this.#listener = await Listener.listen({
      listen,
      certificate,
      settings: this.#context.settings,
      onArrival: (arrival, place) => void this.#onArrival(arrival, place),
      onFault: (error) => this.#context.log('error', { message: error.message }),
      onRefused: (from, reason, kind) => {
        this.#context.counters.add('refused', kind);
        logRefusal(this.#context, from, { reason });
      },
    });
    return this.#listener.address;
  }

  /** What is there at this moment. */
  get figures(): GatewayFigures {
    const queues = [...this.#clients].map(({ queuedBytes }) => queuedBytes);
    return {
      listens: this.#listener?.isOpen ?? false,
      waiting: this.#listener?.waiting ?? 0,
      clients: this.#clients.size,
      queuedBytes: queues.reduce((sum, bytes) => sum + bytes, 0),
      largestQueueBytes: Math.max(0, ...queues),
    };
  }

  /** Tells the clients to come back later, closes their links and stops listening; sessions are left as they are. */
  async stop(reason: string): Promise<void> {
    const { retryAfterMs, closeGraceMs } = this.#context.settings;
    this.#stopping.abort();
    this.#listener?.close();
    for (const client of this.#clients) client.sayGoaway(reason, retryAfterMs);
    if (this.#clients.size === 0) return;
    await Promise.race([this.#empty.promise, delay(closeGraceMs)]);
    for (const client of this.#clients) client.terminate();
  }

  async #onArrival(arrival: Arrival, place: Place): Promise<void> {
    try {
      const admission = await authenticate(arrival, this.#context, this.#stopping.signal);
      if (admission === undefined) return;
      place.authenticated();
      this.#admit(admission);
    } catch (error) {
      // One connection's fault must not end the others.
      this.#context.log('error', { message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      arrival.socket.close(CloseCode.internal, 'The gateway failed');
    }
  }

  #admit({ transport, result, hosts, leave, handOver }: Admission): void {
    const { caller, clientId, clientName } = result;
    const visitor = { client: { caller, clientId, clientName }, hosts };
    const connection = new ClientConnection(transport, visitor, this.#context, (closed) => {
      leave();
      this.#clients.delete(closed);
      if (this.#clients.size === 0 && this.#stopping.signal.aborted) this.#empty.resolve();
    });
    this.#clients.add(connection);
    connection.begin({ resumed: result.resumed });
    handOver();
  }
}
