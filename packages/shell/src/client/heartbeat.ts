import type { Link } from '@holdfast/protocol';
import type { ClientSettings } from './client-settings.ts';

/** What a heartbeat tells its owner. */
export type HeartbeatListeners = {
  /** Nothing came where something should have: start a second link beside this one. */
  onSuspect: (reason: string) => void;
  /** Something came from a suspect link. */
  onRecovered: () => void;
  /** Silent for too long: the link is to be ended. */
  onDead: (reason: string) => void;
  /** Something was sent and is not answered yet. */
  isWaiting: () => boolean;
};

/** Watches one link for signs of life: pings it when idle, and asks sooner when something waits for an answer. */
export class Heartbeat {
  readonly #link: Link;
  readonly #settings: ClientSettings;
  readonly #listeners: HeartbeatListeners;
  readonly #tickMs: number;
  #ticker: NodeJS.Timeout;
  #waitTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #lastTick = { monotonic: performance.now(), wall: Date.now() };
  /** Silence before this time was our own. */
  #awakeSince = performance.now();
  #lastPingAt = -Infinity;
  #suspect = false;
  #stopped = false;
  #roundTripMs: number | undefined;

  constructor(link: Link, settings: ClientSettings, listeners: HeartbeatListeners) {
    this.#link = link;
    this.#settings = settings;
    this.#listeners = listeners;
    const { pingIntervalMs, suspectAfterMs, deadAfterMs } = settings;
    this.#tickMs = Math.max(10, Math.min(1_000, pingIntervalMs / 4, suspectAfterMs / 8, deadAfterMs / 8));
    this.#ticker = setInterval(this.#onTick, this.#tickMs);
    // The socket keeps the process alive, not its pulse.
    this.#ticker.unref();
    this.#ping();
  }

  /** Smoothed time from a ping to its pong, in milliseconds; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** When something came in last; the end of a pause of this machine, if that was later. */
  get heardAt(): number {
    return Math.max(this.#link.lastFrameAt, this.#awakeSince);
  }

  /** Something was sent that wants an answer (input, a request). */
  noteSent(): void {
    if (this.#waitTimer === undefined && !this.#stopped) this.#waitForAnswer();
  }

  /** A frame came in. */
  noteReceived(): void {
    if (!this.#suspect) return;
    this.#suspect = false;
    this.#listeners.onRecovered();
  }

  noteRoundTrip(milliseconds: number): void {
    this.#roundTripMs = this.#roundTripMs === undefined ? milliseconds : this.#roundTripMs * 0.8 + milliseconds * 0.2;
    this.noteReceived();
  }

  /** Asks for a sign of life now: after a wake-up, or because a person wonders. */
  probe(): void {
    if (this.#stopped || this.#probeTimer !== undefined) return;
    const askedAt = performance.now();
    this.#ping();
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = undefined;
      if (this.#link.lastFrameAt < askedAt) this.#becomeSuspect('No answer after a pause of this machine');
    }, this.#settings.probeTimeoutMs);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#waitTimer);
    clearTimeout(this.#probeTimer);
  }

  /** Half of the time is for the answer itself, the other half for a ping: a program that reads nothing is no dead link. */
  #waitForAnswer(): void {
    const sentAt = performance.now();
    const halfMs =
      Math.max(this.#settings.unansweredMs, this.#settings.unansweredRoundTrips * (this.#roundTripMs ?? 0)) / 2;
    this.#waitTimer = setTimeout(() => {
      if (this.#link.lastFrameAt >= sentAt) {
        this.#endWait();
        return;
      }
      this.#ping();
      this.#waitTimer = setTimeout(() => {
        if (this.#link.lastFrameAt < sentAt && this.#listeners.isWaiting()) {
          this.#becomeSuspect(`No answer for ${Math.round(performance.now() - sentAt)} ms`);
        }
        this.#endWait();
      }, halfMs);
    }, halfMs);
  }

  #endWait(): void {
    this.#waitTimer = undefined;
    if (!this.#suspect && this.#listeners.isWaiting()) this.noteSent();
  }

  readonly #onTick = (): void => {
    const now = performance.now();
    const wall = Date.now();
    const passed = now - this.#lastTick.monotonic;
    const jump = Math.abs(wall - this.#lastTick.wall - passed);
    this.#lastTick = { monotonic: now, wall };
    if (passed - this.#tickMs > this.#settings.stallMs || jump > this.#settings.stallMs) {
      this.#awakeSince = now;
      this.probe();
      return;
    }
    this.#judgeSilence(now - this.heardAt);
  };

  #judgeSilence(silenceMs: number): void {
    const { pingIntervalMs, suspectAfterMs, deadAfterMs } = this.#settings;
    if (silenceMs >= deadAfterMs) {
      this.stop();
      this.#listeners.onDead(`Silent for ${Math.round(silenceMs / 1000)} s`);
      return;
    }
    if (silenceMs >= suspectAfterMs) this.#becomeSuspect(`Silent for ${Math.round(silenceMs / 1000)} s`);
    const sincePing = performance.now() - this.#lastPingAt;
    if (silenceMs >= pingIntervalMs && sincePing >= pingIntervalMs) this.#ping();
  }

  #becomeSuspect(reason: string): void {
    if (this.#suspect || this.#stopped) return;
    this.#suspect = true;
    this.#listeners.onSuspect(reason);
  }

  #ping(): void {
    this.#lastPingAt = performance.now();
    this.#link.ping();
  }
}
