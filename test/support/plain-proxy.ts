import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP relay in front of an agent whose links can be cut, frozen (half-open: nothing passes, nothing closes) and refused. */
export class PlainProxy {
  readonly #server: Server;
  readonly #targetPort: () => number;
  /** When each link was asked for, performance.now() milliseconds, also those that were refused. */
  readonly arrivals: number[] = [];
  /** Cuts links on which nothing came for so long, as proxies do; 0 for never. */
  idleCutMs = 0;
  readonly #pairs = new Set<{ client: Socket; agent: Socket }>();
  #frozen = false;
  #refusing = false;

  private constructor(targetPort: () => number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#onConnection(client));
  }

  /** @param targetPort asked at each connection, since an agent may come back elsewhere */
  static async start(targetPort: () => number): Promise<PlainProxy> {
    const proxy = new PlainProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    // A TCP server's address is never a string.
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets every link at once, with what was in flight. */
  cut(): void {
    for (const { client, agent } of this.#pairs) {
      client.resetAndDestroy();
      agent.resetAndDestroy();
    }
  }

  /** Lets nothing through any more, while every link stays open; new ones are accepted and as silent. */
  freeze(): void {
    this.#frozen = true;
    for (const { client, agent } of this.#pairs) {
      client.pause();
      agent.pause();
    }
  }

  thaw(): void {
    this.#frozen = false;
    for (const { client, agent } of this.#pairs) {
      client.resume();
      agent.resume();
    }
  }

  /** Forgets the links that are open now, as a router that lost its table: nothing passes, nobody is told. New ones work. */
  forget(): void {
    for (const { client, agent } of this.#pairs) {
      client.pause();
      agent.pause();
      client.removeAllListeners('drain');
      agent.removeAllListeners('drain');
    }
  }

  /** Resets new links while on. */
  set refusing(on: boolean) {
    this.#refusing = on;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #onConnection(client: Socket): void {
    this.arrivals.push(performance.now());
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const agent = connect(this.#targetPort(), '127.0.0.1');
    const pair = { client, agent };
    this.#pairs.add(pair);
    forward(client, agent);
    forward(agent, client);
    const onClose = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      agent.destroy();
    };
    for (const socket of [client, agent]) {
      socket.setNoDelay(true);
      if (this.idleCutMs > 0) socket.setTimeout(this.idleCutMs, () => socket.resetAndDestroy());
      // 'close' follows and ends the other half too.
      socket.on('error', () => {});
      socket.on('close', onClose);
      if (this.#frozen) socket.pause();
    }
  }
}

function forward(from: Socket, to: Socket): void {
  from.on('data', (chunk: Buffer) => {
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
}
