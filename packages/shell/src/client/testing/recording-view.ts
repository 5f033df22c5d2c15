import { stripVTControlCharacters } from 'node:util';

/** A view that keeps what it is shown, without marks and carriage returns, and wakes whoever waits for it. */
export class RecordingView {
  readonly columns = 80;
  readonly rows = 24;
  readonly skipEcho = true;
  text = '';
  snapshots = 0;
  bytes = 0;
  /** Bytes a second that it takes; undefined for all at once. */
  readonly #bytesPerMs: number | undefined;
  readonly #waiters = new Set<() => void>();

  constructor(bytesPerMs?: number) {
    this.#bytesPerMs = bytesPerMs;
  }

  readonly onOutput = (bytes: Buffer, done: () => void): void => {
    this.bytes += bytes.length;
    this.text += bytes.toString('latin1');
    for (const waiter of this.#waiters) waiter();
    if (this.#bytesPerMs === undefined) setImmediate(done);
    else setTimeout(done, bytes.length / this.#bytesPerMs);
  };

  readonly onSnapshot = (bytes: Buffer): void => {
    this.snapshots += 1;
    this.text += bytes.toString('latin1');
    for (const waiter of this.#waiters) waiter();
  };

  readonly onEvent = (): void => undefined;

  /** What was shown as a person reads it; forgets it. */
  take(): string {
    const text = stripVTControlCharacters(this.text).replaceAll('\r', '');
    this.text = '';
    return text;
  }

  /** Resolves when the text holds `wanted`. */
  shows(wanted: string): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.text.includes(wanted)) return;
        this.#waiters.delete(check);
        resolve();
      };
      this.#waiters.add(check);
      check();
    });
  }
}
