import type { RemoteSession } from '../client/remote-session.ts';
import type { Program } from '../terminal/program-keys.ts';

/** What is typed while a session's program has the terminal, on its way to the session. */
export class SessionKeys implements Program {
  readonly #place: { readonly remote: RemoteSession; interrupt: () => void };
  readonly #onPending: () => void;

  /** @param onPending something was typed that cannot be delivered now */
  constructor(place: { readonly remote: RemoteSession; interrupt: () => void }, onPending: () => void) {
    this.#place = place;
    this.#onPending = onPending;
  }

  write(bytes: Uint8Array): void {
    const { remote } = this.#place;
    remote.write(bytes);
    if (remote.connection.linkState === 'Connected') return;
    // Somebody waits at the keyboard: the pause between two attempts is over.
    remote.connection.retryNow();
    this.#onPending();
  }

  interrupt(): void {
    this.#place.interrupt();
  }

  full(): Promise<'taken' | 'stalled'> | undefined {
    return this.#place.remote.inputFull();
  }
}
