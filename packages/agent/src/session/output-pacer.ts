import type { OutputLog } from './output-log.ts';

/** Unsent output above which a program waits for the holder's terminal: little, since a prompt must wait for it too. */
const UNSENT_BYTES = 4 * 1024;
/** Read in spite of all after a signal, so that its effect is seen: more than a terminal buffers. */
const AFTER_SIGNAL_BYTES = 128 * 1024;
/** The policy Drop makes this much room at a time, at most. */
const DROP_BYTES = 1024 * 1024;

/** What a program's output is read from: its terminal, and the pipes of its commands. */
export type PacedSource = { pause: () => void; resume: () => void };

/** Decides when a session's output is read: at the pace of the holder who looks, else as the output policy says. */
export class OutputPacer {
  mode: 'Drop' | 'Block';
  readonly #log: OutputLog;
  readonly #limitBytes: number;
  #readOnTo = 0;
  #paused = false;

  constructor(log: OutputLog, limitBytes: number, mode: 'Drop' | 'Block') {
    this.#log = log;
    this.#limitBytes = limitBytes;
    this.mode = mode;
  }

  /** @param backlogBytes what waits for the holder; undefined when nobody looks */
  pace(sources: readonly PacedSource[], backlogBytes: number | undefined): void {
    const wait = this.#mustWait(backlogBytes);
    if (wait === this.#paused) return;
    this.#paused = wait;
    for (const source of sources) {
      if (wait) source.pause();
      else source.resume();
    }
  }

  /** Lets the terminal be read on for a while, so that the effect of a signal comes through. */
  readOn(bytes: number = AFTER_SIGNAL_BYTES): void {
    this.#readOnTo = this.#log.end + bytes;
  }

  /** Discards the oldest output when the policy says so and nobody looks; returns the undelivered gap. */
  drop(backlogBytes: number | undefined): { from: number; to: number } | undefined {
    if (this.mode !== 'Drop' || backlogBytes !== undefined || !this.#log.full) return undefined;
    const undelivered = this.#log.delivered;
    const room = this.#log.diskError === undefined ? this.#limitBytes : this.#log.memoryBytes;
    const { to } = this.#log.dropOldest(Math.min(DROP_BYTES, Math.ceil(room / 8)));
    return to > undelivered ? { from: undelivered, to } : undefined;
  }

  #mustWait(backlogBytes: number | undefined): boolean {
    if (this.#log.end < this.#readOnTo) return false;
    if (backlogBytes !== undefined && backlogBytes > UNSENT_BYTES) return true;
    return this.#log.full && (this.mode === 'Block' || backlogBytes !== undefined);
  }
}
