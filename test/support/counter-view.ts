import type { RemoteSession, SessionView } from '@holdfast/shell/client';
import type { CounterCheck } from './counter-check.ts';

/** A terminal that is shown a counter: knows at which offset of the output each byte stands, and has it compared. */
export class CounterView implements SessionView {
  readonly columns = 80;
  readonly rows = 24;
  readonly skipEcho = false;
  fault: string | undefined;
  readonly #session: RemoteSession;
  readonly #check: CounterCheck;
  readonly #onChunk: () => void;
  /** Where the next byte stands; undefined until the host has said where the first one does. */
  #offset: number | undefined;
  #early: { bytes: Buffer; done: () => void }[] = [];

  constructor(session: RemoteSession, check: CounterCheck, onChunk: () => void) {
    this.#session = session;
    this.#check = check;
    this.#onChunk = onChunk;
  }

  /** Everything below was shown. */
  get offset(): number {
    return this.#offset ?? 0;
  }

  /** Shows the session, and says where that began. */
  async show(from: 'here' | 'snapshot' | { after: number }): Promise<number> {
    this.#offset = undefined;
    const shown = await this.#session.show(this, from);
    // A snapshot that was made again on another link has told its own.
    this.#offset ??= shown.from;
    for (const { bytes, done } of this.#early.splice(0)) this.onOutput(bytes, done);
    return shown.from;
  }

  readonly onOutput = (bytes: Buffer, done: () => void): void => {
    if (this.#offset === undefined) {
      this.#early.push({ bytes, done });
      return;
    }
    this.#check.take(this.#offset, bytes);
    this.#offset += bytes.length;
    done();
    this.#onChunk();
  };

  readonly onSnapshot = (): void => {
    this.#offset = this.#session.delivered;
  };

  readonly onEvent: SessionView['onEvent'] = (event) => {
    if (event.type === 'output.dropped') this.fault ??= `output was dropped: ${JSON.stringify(event)}`;
  };

  readonly onSkipped = (bytes: number): void => {
    this.fault ??= `${bytes} bytes were left out`;
  };
}
