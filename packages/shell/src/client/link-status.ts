/**
 * How a connection's link is. Suspect: nothing came where something should have, and a second link is being started.
 * Reconnecting: there is none. Closed: for good.
 */
export type LinkState = 'Connected' | 'Suspect' | 'Reconnecting' | 'Closed';

/** `downMs`: since the last sign of life of a link that does not work; `rttMs`: time of a round trip, when known. */
export type LinkDetail = { reason: string; downMs: number; rttMs?: number };

export type LinkStateListener = (state: LinkState, detail: LinkDetail) => void;

/** The state of a link, and who wants to know of it. */
export class LinkStatus {
  readonly #listeners = new Set<LinkStateListener>();
  #state: LinkState = 'Reconnecting';
  #downSince: number | undefined;

  get state(): LinkState {
    return this.#state;
  }

  /** @returns a function that ends the listening */
  listen(listener: LinkStateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Tells everybody; the same state again tells of another reason.
   * @param known.heardAt when the link was last heard of, performance.now() milliseconds; now when it is not given
   */
  set(state: LinkState, reason: string, known: { rttMs?: number | undefined; heardAt?: number | undefined }): void {
    const { rttMs, heardAt } = known;
    const now = performance.now();
    if (state !== 'Connected') this.#downSince ??= heardAt ?? now;
    const downMs = this.#downSince === undefined ? 0 : now - this.#downSince;
    if (state === 'Connected') this.#downSince = undefined;
    this.#state = state;
    const detail = { reason, downMs, ...(rttMs === undefined ? {} : { rttMs }) };
    for (const listener of this.#listeners) listener(state, detail);
  }
}
