import type { LinkDetail, LinkState } from '../client/link-status.ts';
import { pendingLine, type PendingInput } from './pending-line.ts';

/** What a notice needs to know of a session. */
export type NoticedSession = PendingInput & {
  connection: {
    computerName: string;
    linkState: LinkState;
    onLinkState: (listener: (state: LinkState, detail: LinkDetail) => void) => () => void;
  };
};

/** A loss that is over so soon after it was noticed is not worth a word. */
const QUIET_MS = 500;
const TICK_MS = 1000;
/** How long "link is back" stands. */
const BACK_MS = 2000;

/** Says in one line how a session's link is while it is not well, and for a moment that it is back. */
export class LinkNotice {
  readonly #session: NoticedSession;
  readonly #columns: () => number;
  readonly #show: (text: string | undefined) => void;
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | undefined;
  #downAt: number | undefined;
  #told = false;

  /**
   * @param columns cells that the line may take
   * @param show is given the line, and undefined when there is nothing to say any more
   */
  constructor(session: NoticedSession, columns: () => number, show: (text: string | undefined) => void) {
    this.#session = session;
    this.#columns = columns;
    this.#show = show;
    this.#stopListening = session.connection.onLinkState((state, detail) => this.#onState(state, detail.downMs));
  }

  dispose(): void {
    this.#stopListening();
    clearTimeout(this.#timer);
  }

  /** Something was typed that waits for the link: it is shown at once. */
  pending(): void {
    if (this.#told) this.#tick();
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
    const { connection } = this.#session;
    const seconds = Math.round((performance.now() - this.#downAt) / 1000);
    const state = connection.linkState === 'Suspect' ? 'no answer' : 'link lost, reconnecting …';
    const how = `${connection.computerName}: ${state} ${seconds} s`;
    const before = `${how}  ·  not sent: `;
    const pending = pendingLine(this.#session, this.#columns() - before.length);
    this.#show(pending === '' ? how : before + pending);
    this.#later(this.#tick, TICK_MS);
  };

  #later(action: () => void, milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, Math.max(0, milliseconds));
  }
}
