import type { RemoteSession } from '../client/remote-session.ts';
import type { Program } from '../terminal/program-keys.ts';

/** What is typed while a session's program has the terminal, on its way to the session. */
export class SessionKeys implements Program {
  readonly #place: { readonly remote: RemoteSession; interrupt: () => void };
  readonly #onTyped: (isPending: boolean) => void;

  /** @param onTyped something was typed, which is pending when it cannot be delivered now */
  constructor(place: { readonly remote: RemoteSession; interrupt: () => void }, onTyped: (isPending: boolean) => void) {
    this.#place = place;
    this.#onTyped = onTyped;
  }

  write(bytes: Uint8Array): void {
    const { remote } = this.#place;
    remote.write(bytes);
    const isPending = remote.connection.linkState !== 'Connected';
    // Somebody waits at the keyboard: the pause between two attempts is over.
    if (isPending) remote.connection.retryNow();
    this.#onTyped(isPending);
  }

  interrupt(): void {
    this.#place.interrupt();
  }

  full(): Promise<'taken' | 'stalled'> | undefined {
    return this.#place.remote.inputFull();
  }
}
