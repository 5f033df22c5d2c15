const MAX_REMEMBERED = 10_000;

/** What answers told of session hosts so far: which has which session, and which do not answer. */
export class HostMemory {
  readonly #sessions = new Map<string, string>();
  /** Since when a generation does not answer, performance.now() milliseconds. */
  readonly #silentSince: Map<string, number>;

  /** @param silentSince shared by the memories of clients of the same hosts */
  constructor(silentSince = new Map<string, number>()) {
    this.#silentSince = silentSince;
  }

  /** Remembers which generation has a session. */
  remember(instanceId: string, name: string): void {
    this.#sessions.delete(instanceId);
    this.#sessions.set(instanceId, name);
    const oldest = this.#sessions.size > MAX_REMEMBERED ? this.#sessions.keys().next().value : undefined;
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  /** The generation that has a session, if an answer told so before. */
  locate(instanceId: string): string | undefined {
    return this.#sessions.get(instanceId);
  }

  /** Notes that a generation answered, or did not. @returns for how many milliseconds it has not */
  noteAnswer(name: string, hasAnswered: boolean): number {
    if (hasAnswered) {
      this.#silentSince.delete(name);
      return 0;
    }
    const since = this.#silentSince.get(name) ?? performance.now();
    this.#silentSince.set(name, since);
    return performance.now() - since;
  }
}
