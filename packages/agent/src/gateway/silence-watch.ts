import { FrameKind, encodeMessage, encodePing, type HostHelloReply, type Transport } from '@holdfast/protocol';

/** A session host that is to know when the client was heard last. */
type Told = { readonly hello: HostHelloReply; send(frame: Uint8Array): boolean };

/** What is watched: when the client's last frame came in (performance.now() milliseconds), and who is told of it. */
export type Watched = { lastFrameAt: () => number; hosts: () => Iterable<Told> };

/** A silent client is looked at this many times within the time after which it is asked. */
const CHECKS_PER_SUSPICION = 5;
const LEAST_CHECK_MS = 10;

/**
 * Watches one client: asks it for a sign of life when it is silent, gives it up in the end, and tells its session hosts
 * when it was heard last. They judge by that who holds a session, whatever becomes of the link or of this gateway.
 */
export class SilenceWatch {
  readonly #client: Transport;
  readonly #limits: { suspectAfterMs: number; deadAfterMs: number };
  readonly #watched: Watched;
  /** Which sign of life each host was told of. */
  readonly #told = new WeakMap<Told, number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(client: Transport, limits: { suspectAfterMs: number; deadAfterMs: number }, watched: Watched) {
    this.#client = client;
    this.#limits = limits;
    this.#watched = watched;
    this.#checkLater();
  }

  /** One more host is there, which may want to know sooner than the others. */
  onHostLinked(): void {
    this.#tellHosts(performance.now());
    this.#checkLater();
  }

  /** Tells the hosts a last time. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#tellHosts(performance.now());
  }

  #checkLater(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const everyMs = Math.max(LEAST_CHECK_MS, this.#askAfterMs() / CHECKS_PER_SUSPICION);
    const dueAt = performance.now() + everyMs;
    this.#timer = setTimeout(() => {
      const now = performance.now();
      this.#tellHosts(now);
      // After a stall of this process, frames may wait unread in the kernel: nobody is judged by that.
      if (now - dueAt <= everyMs) this.#check(now);
      this.#checkLater();
    }, everyMs).unref();
  }

  #check(now: number): void {
    const silentMs = now - this.#watched.lastFrameAt();
    if (silentMs > this.#limits.deadAfterMs) this.#client.terminate();
    else if (silentMs > this.#askAfterMs()) this.#client.send(encodePing(FrameKind.ping, now));
  }

  /** A live client is to be heard well before any host counts it as silent. */
  #askAfterMs(): number {
    let askAfterMs = this.#limits.suspectAfterMs;
    for (const { hello } of this.#watched.hosts())
      askAfterMs = Math.min(askAfterMs, (hello.takeAfterMs ?? Infinity) / 2);
    return askAfterMs;
  }

  #tellHosts(now: number): void {
    const heardAt = this.#watched.lastFrameAt();
    for (const host of this.#watched.hosts()) {
      if (this.#told.get(host) === heardAt) continue;
      this.#told.set(host, heardAt);
      const agoMs = Math.round(now - heardAt);
      for (const frame of encodeMessage(0, { type: 'client.heard', agoMs })) host.send(frame);
    }
  }
}
