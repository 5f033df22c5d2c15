import { uptime } from 'node:os';

/** Below it, the two clocks differ by what they are read apart, and by their steps. */
const CORRECTION_MS = 2_000;

/** Milliseconds since this machine was started: its sleep counts, and nobody corrects it. */
function machineAgeMs(): number {
  return uptime() * 1000;
}

/**
 * Tells when a time is over that this machine may spend asleep. It is not the wall clock's, which is corrected either way,
 * nor a timer's, which stands still during sleep and, after a stop of the process, comes early.
 */
export class IdleClock {
  readonly #lookMs: number;
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #timeoutMs = 0;
  #startedAtAgeMs = 0;
  /** Milliseconds since 1970. */
  #startedAt = 0;

  /** @param lookMs how soon after a sleep it is known that the time is over, in milliseconds */
  constructor(lookMs: number, onOver: () => void) {
    this.#lookMs = lookMs;
    this.#onOver = onOver;
  }

  /** When the time will be over, milliseconds since 1970, as the wall clock goes now. */
  get overAt(): number {
    const movedMs = Date.now() - this.#startedAt - this.#passedMs();
    return this.#startedAt + this.#timeoutMs + (Math.abs(movedMs) > CORRECTION_MS ? movedMs : 0);
  }

  /** Whether the time is over, also before that is told. */
  get isOver(): boolean {
    return this.#passedMs() >= this.#timeoutMs;
  }

  /** Begins anew; `now` in milliseconds since 1970. */
  start(timeoutMs: number, now = Date.now()): void {
    this.#timeoutMs = timeoutMs;
    this.#startedAt = now;
    this.#startedAtAgeMs = machineAgeMs();
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #passedMs(): number {
    return machineAgeMs() - this.#startedAtAgeMs;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#timeoutMs - this.#passedMs();
    this.#timer = setTimeout(() => this.#look(), Math.min(this.#lookMs, Math.max(0, leftMs)));
  }

  #look(): void {
    if (this.isOver) this.#onOver();
    else this.#wait();
  }
}
