import type { ReplyOf } from '@holdfast/protocol';

/** Typed and printed text pauses so long before it is worth asking ... */
const QUIET_MS = 150;
/** ... and no more often than this, since each answer costs the host a process. */
const EVERY_MS = 1000;

type Told = ReplyOf<'session.echo'>;

/** What is asked, and how far the session's streams have come here. */
export type EchoOptions = {
  ask: () => Promise<Told>;
  /** Offset behind the output that came. */
  received: () => number;
  /** Offset behind the input that the host has. */
  confirmed: () => number;
};

/**
 * Whether a session's terminal shows what is typed. An answer counts until more was printed or taken than it knew of: what
 * hides a password says so, or was started by a key. Nobody asks unless activity is noted.
 */
export class EchoKnowledge {
  readonly #options: EchoOptions;
  #told: Told = { echo: false, at: -1, inputReceived: -1 };
  #askedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EchoOptions) {
    this.#options = options;
  }

  /** What waits for the host would be echoed: it may be shown. */
  get echoes(): boolean {
    return this.#told.echo && this.#isCurrent;
  }

  /** Something was typed or printed: asks anew when that pauses. */
  noteActivity(): void {
    clearTimeout(this.#timer);
    const pauseMs = Math.max(QUIET_MS, this.#askedAt + EVERY_MS - performance.now());
    this.#timer = setTimeout(() => void this.#ask(), pauseMs).unref();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  get #isCurrent(): boolean {
    const { received, confirmed } = this.#options;
    return received() <= this.#told.at && confirmed() <= this.#told.inputReceived;
  }

  async #ask(): Promise<void> {
    if (this.#isCurrent) return;
    this.#askedAt = performance.now();
    try {
      this.#told = await this.#options.ask();
    } catch {
      // A host of an older build, or no link: nothing is known, and nothing is shown.
    }
  }
}
