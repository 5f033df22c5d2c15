import type { PSSession } from '../client/ps-session.ts';
import type { WatchedSession } from '../client/watched-session.ts';
import { WatchView, type WatchEnd, type WatchViewParts } from './watch-view.ts';

/** The terminal as the screen of a session that is watched here. */
export class Watching {
  readonly #parts: WatchViewParts;
  #view: WatchView | undefined;

  constructor(parts: WatchViewParts) {
    this.#parts = parts;
  }

  /** Shows the session until it is left, taken or over; the terminal is as before then. */
  async run(session: PSSession, watched: WatchedSession): Promise<WatchEnd> {
    const view = new WatchView(this.#parts, session, watched);
    this.#view = view;
    try {
      return await view.run();
    } finally {
      this.release();
    }
  }

  /** Gives the terminal back. */
  release(): void {
    this.#view?.close();
    this.#view = undefined;
  }
}
