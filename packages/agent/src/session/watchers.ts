import type { Attachment } from './attachment.ts';

/** A session's attachments that watch. One whose link is lost is kept for the grace time. */
export class Watchers {
  readonly #graceMs: number;
  readonly #onGraceOver: (watcher: Attachment) => void;
  readonly #timers = new Map<Attachment, NodeJS.Timeout | undefined>();

  constructor(graceMs: number, onGraceOver: (watcher: Attachment) => void) {
    this.#graceMs = graceMs;
    this.#onGraceOver = onGraceOver;
  }

  get all(): Attachment[] {
    return [...this.#timers.keys()];
  }

  get isEmpty(): boolean {
    return this.#timers.size === 0;
  }

  has(attachment: Attachment): boolean {
    return this.#timers.has(attachment);
  }

  add(attachment: Attachment): void {
    this.#timers.set(attachment, undefined);
    if (!attachment.linked) this.startGrace(attachment);
  }

  delete(attachment: Attachment): void {
    this.endGrace(attachment);
    this.#timers.delete(attachment);
  }

  /** The watcher's link is lost. */
  startGrace(watcher: Attachment): void {
    clearTimeout(this.#timers.get(watcher));
    this.#timers.set(
      watcher,
      setTimeout(() => this.#onGraceOver(watcher), this.#graceMs),
    );
  }

  /** It is back. */
  endGrace(watcher: Attachment): void {
    clearTimeout(this.#timers.get(watcher));
    if (this.#timers.has(watcher)) this.#timers.set(watcher, undefined);
  }
}
