import { once } from 'node:events';
import { rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, isIP } from 'node:net';
import { EXPOSITION_TYPE } from './exposition.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { MetricsPlace } from './metrics-settings.ts';

const PLAIN = 'text/plain; charset=utf-8';

/** Connections at once, and the time for a request to come. */
type MetricsLimits = { maxMetricsConnections: number; metricsRequestMs: number };
type Page = { status: number; text: string; type?: string };

/** Answers `GET /metrics` and `GET /healthz` by HTTP, without authentication: for this machine. */
export class MetricsServer {
  readonly #metrics: GatewayMetrics;
  readonly #server: Server;
  readonly #isNetwork: boolean;

  private constructor(metrics: GatewayMetrics, place: MetricsPlace, limits: MetricsLimits) {
    this.#metrics = metrics;
    this.#isNetwork = 'port' in place;
    const limitMs = limits.metricsRequestMs;
    this.#server = createServer({
      requestTimeout: limitMs,
      headersTimeout: limitMs,
      // Node looks twice a minute by itself: some silent connections would keep everybody else out for so long.
      connectionsCheckingInterval: Math.ceil(limitMs / 10),
      keepAliveTimeout: 1,
    });
    this.#server.maxConnections = limits.maxMetricsConnections;
    this.#server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** @throws Error of node:net */
  static async listen(place: MetricsPlace, metrics: GatewayMetrics, limits: MetricsLimits): Promise<MetricsServer> {
    const server = new MetricsServer(metrics, place, limits);
    if ('path' in place) await removeDeadSocket(place.path);
    server.#server.listen(place);
    await once(server.#server, 'listening');
    // Connections that cannot be accepted, when descriptors run out.
    server.#server.on('error', () => undefined);
    return server;
  }

  /** Where it listens, with the real port. */
  get place(): MetricsPlace {
    const address = this.#server.address();
    if (address === null) throw new Error('The metrics are not served');
    return typeof address === 'string' ? { path: address } : { host: address.address, port: address.port };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#metrics.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {
      status,
      text,
      type = PLAIN,
    } = await this.#page(request).catch((error: unknown) => ({
      status: 500,
      text: error instanceof Error ? error.message : String(error),
      type: PLAIN,
    }));
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(request.method === 'HEAD' ? '' : text);
  }

  async #page({ method = '', url, headers }: IncomingMessage): Promise<Page> {
    // A web page that a browser on this machine shows is not to read them by a name of its own (DNS rebinding).
    const isPage = this.#isNetwork && (headers.origin !== undefined || !isOwnName(headers.host ?? ''));
    if (isPage) return { status: 403, text: 'Web pages may not read this\n' };
    if (!['GET', 'HEAD'].includes(method)) return { status: 405, text: 'There is only GET\n' };
    switch (url) {
      case '/metrics':
        return { status: 200, text: await this.#metrics.text(), type: EXPOSITION_TYPE };
      case '/healthz': {
        const problem = await this.#metrics.problem();
        return { status: problem === undefined ? 200 : 503, text: `${problem ?? 'ok'}\n` };
      }
      default:
        return { status: 404, text: 'There are /metrics and /healthz\n' };
    }
  }
}

/** An address, `localhost`, or none. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replaceAll(/^\[|\]$/g, '');
  return name === '' || name === 'localhost' || isIP(name) !== 0;
}

/** What a gateway that was killed left behind; another one's is left, and listening fails. */
async function removeDeadSocket(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') rmSync(path, { force: true });
  } finally {
    socket.destroy();
  }
}
