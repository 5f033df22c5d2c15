import type { LinkDetail, LinkState } from '../client/link-status.ts';

/** What a notice needs to know of a session. */
export type NoticedSession = {
  connection: {
    computerName: string;
    linkState: LinkState;
    onLinkState: (listener: (state: LinkState, detail: LinkDetail) => void) => () => void;
  };
  unsentInput: Uint8Array;
};

/** A loss that is over so soon after it was noticed is not worth a word. */
const QUIET_MS = 500;
const TICK_MS = 1000;
/** How long "link is back" stands. */
const BACK_MS = 2000;

/** Says in one line how a session's link is while it is not well, and for a moment that it is back. */
export class LinkNotice {
  readonly #session: NoticedSession;
  readonly #show: (text: string | undefined) => void;
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | undefined;
  #downAt: number | undefined;
  #told = false;

  /** @param show is given the line, and undefined when there is nothing to say any more */
  constructor(session: NoticedSession, show: (text: string | undefined) => void) {
    this.#session = session;
    this.#show = show;
    this.#stopListening = session.connection.onLinkState((state, detail) => this.#onState(state, detail.downMs));
  }

  dispose(): void {
    this.#stopListening();
    clearTimeout(this.#timer);
  }

  #onState(state: LinkState, downMs: number): void {
    if (state === 'Closed') {
      this.#rest();
    } else if (state === 'Connected') {
      this.#onBack();
    } else if (this.#downAt === undefined) {
      this.#downAt = performance.now() - downMs;
      this.#later(this.#tick, QUIET_MS);
    } else if (this.#told) this.#tick();
  }

  #onBack(): void {
    const wasTold = this.#told;
    this.#rest();
    if (!wasTold) return;
    this.#show(`${this.#session.connection.computerName}: link is back`);
    this.#later(() => this.#show(undefined), BACK_MS);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#downAt = undefined;
    if (this.#told) this.#show(undefined);
    this.#told = false;
  }

  readonly #tick = (): void => {
    if (this.#downAt === undefined) return;
    this.#told = true;
    const { connection, unsentInput } = this.#session;
    const seconds = Math.round((performance.now() - this.#downAt) / 1000);
    const keys = Buffer.from(unsentInput).toString('utf8').length;
    const state = connection.linkState === 'Suspect' ? 'no answer' : 'link lost, reconnecting …';
    const waiting = keys === 0 ? '' : `; ${keys} ${keys === 1 ? 'key' : 'keys'} waiting`;
    this.#show(`${connection.computerName}: ${state} ${seconds} s${waiting}`);
    this.#later(this.#tick, TICK_MS);
  };

  #later(action: () => void, milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, Math.max(0, milliseconds));
  }
}
