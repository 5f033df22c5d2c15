import { join } from 'node:path';
import {
  connect,
  type ClientSettings,
  type Connection,
  type RemoteSession,
  type SessionEvent,
} from '@holdfast/shell/client';
import type { Machine } from './machine.ts';

/** The client library as a program on `machine` uses it, inside this process. */
export function connectFrom(
  machine: Machine,
  host: string,
  settings: Partial<ClientSettings> = {},
): Promise<Connection> {
  return connect(host, {
    environment: machine.env,
    knownHostsFiles: [join(machine.home, '.ssh/known_hosts')],
    identity: join(machine.home, '.ssh/id_ed25519'),
    clientId: crypto.randomUUID(),
    settings,
  });
}

/** What a session showed, as a terminal would have taken it. */
export class ShownOutput {
  text = '';
  bytes = 0;
  snapshots = 0;
  readonly events: SessionEvent[] = [];
  #waiters: { done: () => boolean; resolve: () => void }[] = [];
  readonly #onChunk: ((chunk: Buffer) => void) | undefined;

  /** @param onChunk takes the output instead of `text`, for tests of many megabytes */
  constructor(onChunk?: (chunk: Buffer) => void) {
    this.#onChunk = onChunk;
  }

  async show(session: RemoteSession): Promise<void> {
    await session.show({
      columns: 80,
      rows: 24,
      skipEcho: true,
      onOutput: (chunk, done) => {
        this.bytes += chunk.length;
        if (this.#onChunk === undefined) this.text += chunk.toString('latin1');
        else this.#onChunk(chunk);
        done();
        this.#check();
      },
      onSnapshot: () => void (this.snapshots += 1),
      onEvent: (event) => {
        this.events.push(event);
        this.#check();
      },
    });
  }

  /** Resolves as soon as `done` says so; looked at after each chunk and event. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ done, resolve }));
  }

  #check(): void {
    const ready = this.#waiters.filter((waiter) => waiter.done());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }
}
