import { OUT_OF_DESCRIPTORS } from '../exhausted-resource.ts';
import { FreeDescriptors } from '../free-descriptors.ts';
import { clientNetwork } from './client-network.ts';
import type { GatewaySettings } from './settings.ts';

type Limits = Pick<GatewaySettings, 'maxUnauthenticated' | 'maxUnauthenticatedPerAddress' | 'maxConnections'>;

/** One connection's place; `authenticated` frees the scarce one, `release` all. Each counts once. */
export type Place = { refusal: string | undefined; authenticated(): void; release(): void };

/** A link to a session host, besides its own socket. */
const DESCRIPTORS_OF_CLIENT = 1;
/** Kept for those who are there: for links that are made anew, key files, the registry, a session host to be started. */
const KEPT_DESCRIPTORS = 24;
/** Kept so that a connection that is not even told why it is refused can be accepted and closed. */
const LAST_DESCRIPTORS = 8;

/** Counts connections: few may wait for authentication, in total and per address (see clientNetwork()), since anyone can make them. */
export class ConnectionLimits {
  readonly #limits: Limits;
  readonly #descriptors = new FreeDescriptors();
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
  enter(from: string): Place {
    const address = clientNetwork(from);
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

  /**
   * True when so many wait, or so few descriptors are left, that not even a refusal can be afforded (a TLS handshake comes
   * before it). To be asked first of each connection, and once: its descriptor is counted.
   */
  isFlooded(address: string): boolean {
    return (
      !this.#descriptors.take(1, LAST_DESCRIPTORS) ||
      this.#totalWaiting >= 2 * this.#limits.maxUnauthenticated ||
      (this.#waiting.get(clientNetwork(address)) ?? 0) >= 2 * this.#limits.maxUnauthenticatedPerAddress
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
    if (!this.#descriptors.take(DESCRIPTORS_OF_CLIENT, KEPT_DESCRIPTORS)) return `Too busy: ${OUT_OF_DESCRIPTORS}`;
    return undefined;
  }

  #count(address: string, by: 1 | -1): void {
    this.#totalWaiting += by;
    const now = (this.#waiting.get(address) ?? 0) + by;
    if (now === 0) this.#waiting.delete(address);
    else this.#waiting.set(address, now);
  }
}
