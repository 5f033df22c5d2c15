import type { SessionConnection } from '../client/session-end.ts';

/** A host that answers sooner is not worth a word. */
const QUIET_MS = 1500;

/** The wait for a host at the door of a session: when it takes long, that is said once, and what can be done. */
export class DoorWait implements Disposable {
  readonly #connection: SessionConnection;
  readonly #print: (text: string) => void;
  readonly #way: string;
  readonly #timer: NodeJS.Timeout;
  #told = false;

  /** @param print writes text that stays on the screen; `way` says what Ctrl-C does */
  constructor(connection: SessionConnection, print: (text: string) => void, way: string) {
    this.#connection = connection;
    this.#way = way;
    this.#print = print;
    this.#timer = setTimeout(() => this.#tell(), QUIET_MS);
  }

  /** The person knows that nothing is there to type to. */
  get told(): boolean {
    return this.#told;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#told = true;
    const { computerName, linkState } = this.#connection;
    const how = linkState === 'Reconnecting' ? 'link lost, reconnecting …' : 'no answer yet';
    this.#print(`${computerName}: ${how}  ·  Ctrl-C ${this.#way}\n`);
  }
}
