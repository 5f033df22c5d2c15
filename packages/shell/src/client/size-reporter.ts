/** Tells the host the size of the terminal; while one report is on its way only the last size counts. */
export class SizeReporter {
  readonly #send: (columns: number, rows: number) => Promise<unknown>;
  #next: { columns: number; rows: number } | undefined;
  #sending = false;

  constructor(send: (columns: number, rows: number) => Promise<unknown>) {
    this.#send = send;
  }

  report(columns: number, rows: number): void {
    this.#next = { columns, rows };
    if (!this.#sending) void this.#sendAll();
  }

  /**
   * Resolves when what programs had written to the terminal before the call has been handed to the view: a host answers the
   * second of two requests, which change nothing, after it has read all that was there at the first.
   */
  async caughtUp({ columns, rows }: { columns: number; rows: number }): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await this.#send(columns, rows);
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    try {
      for (let size = this.#next; size !== undefined; size = this.#next) {
        this.#next = undefined;
        await this.#send(size.columns, size.rows);
      }
    } catch {
      // The session ended meanwhile; its events say so.
    } finally {
      this.#sending = false;
    }
  }
}
