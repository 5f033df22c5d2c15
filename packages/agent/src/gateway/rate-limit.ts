import type { GatewaySettings } from './settings.ts';

type Limits = Pick<GatewaySettings, 'maxUnauthenticated' | 'maxUnauthenticatedPerAddress' | 'maxConnections'>;

/** One connection's place; `authenticated` frees the scarce one, `release` all. Each counts once. */
export type Place = { refusal: string | undefined; authenticated(): void; release(): void };

/** Counts connections: few may wait for authentication, in total and per address, since anyone can make them. */
export class ConnectionLimits {
  readonly #limits: Limits;
  readonly #waiting = new Map<string, number>();
  #totalWaiting = 0;
  #authenticated = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Connections that have not authenticated. */
  get waiting(): number {
    return this.#totalWaiting;
  }

  /** Takes a place; `refusal` says why the connection is one too many, and it must be told so and closed. */
  enter(address: string): Place {
    const refusal = this.#refusalFor(address);
    let state: 'waiting' | 'authenticated' | 'gone' = 'waiting';
    this.#count(address, 1);
    return {
      refusal,
      authenticated: () => {
        if (state !== 'waiting') return;
        state = 'authenticated';
        this.#count(address, -1);
        this.#authenticated += 1;
      },
      release: () => {
        if (state === 'waiting') this.#count(address, -1);
        if (state === 'authenticated') this.#authenticated -= 1;
        state = 'gone';
      },
    };
  }

  /** True when so many wait that not even a refusal can be afforded (a TLS handshake comes before it). */
  isFlooded(address: string): boolean {
    return (
      this.#totalWaiting >= 2 * this.#limits.maxUnauthenticated ||
      (this.#waiting.get(address) ?? 0) >= 2 * this.#limits.maxUnauthenticatedPerAddress
    );
  }

  #refusalFor(address: string): string | undefined {
    const fromHere = this.#waiting.get(address) ?? 0;
    if (fromHere >= this.#limits.maxUnauthenticatedPerAddress) {
      return `${fromHere} connections from ${address} have not authenticated yet: try again later`;
    }
    if (this.#totalWaiting >= this.#limits.maxUnauthenticated) {
      return `${this.#totalWaiting} connections have not authenticated yet: try again later`;
    }
    if (this.#authenticated >= this.#limits.maxConnections) {
      return `${this.#authenticated} clients are connected, which is the limit: try again later`;
    }
    return undefined;
  }

  #count(address: string, by: 1 | -1): void {
    this.#totalWaiting += by;
    const now = (this.#waiting.get(address) ?? 0) + by;
    if (now === 0) this.#waiting.delete(address);
    else this.#waiting.set(address, now);
  }
}
