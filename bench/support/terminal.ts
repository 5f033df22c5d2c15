import { setTimeout as delay } from 'node:timers/promises';
import { Pty } from '../../packages/agent/src/terminal/pty.ts';

/** A terminal that a program runs in: it is typed at and read from, as fast as it can or at a given pace. */
export class Terminal {
  readonly pty: Pty;
  /** Bytes of output taken so far. */
  received = 0;
  #tail = Buffer.alloc(0);
  #waiting: { pattern: Buffer; resolve: (at: number) => void } | undefined;
  #bytesPerSecond = Infinity;
  #startedAt = 0;
  #base = 0;

  constructor(file: string, args: readonly string[], env: Record<string, string>) {
    this.pty = Pty.spawn({
      file,
      args,
      env,
      cwd: env['HOME'] ?? '/',
      columns: 80,
      rows: 24,
      onData: (chunk) => this.#onData(chunk),
      onExit: () => {},
    });
  }

  type(text: string): void {
    this.pty.write(Buffer.from(text));
  }

  /** Performance time at which output with `text` in it, from now on, was read. Ask before typing what causes it. */
  seen(text: string, timeoutMs = 30_000): Promise<number> {
    this.#tail = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `Never seen: ${JSON.stringify(text)}; last: ${JSON.stringify(this.#tail.toString().slice(-300))}`,
            ),
          ),
        timeoutMs,
      );
      this.#waiting = {
        pattern: Buffer.from(text),
        resolve: (at) => {
          clearTimeout(timer);
          resolve(at);
        },
      };
    });
  }

  /** Waits until nothing has come for `quietMs`. */
  async settle(quietMs = 40): Promise<void> {
    for (let before = -1; before !== this.received;) {
      before = this.received;
      await delay(quietMs);
    }
  }

  /** From now on takes no more than this many bytes a second, as a slow terminal does. */
  pace(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#startedAt = performance.now();
    this.#base = this.received;
  }

  close(): void {
    this.pty.kill('SIGHUP');
    this.pty.dispose();
  }

  #onData(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.#waiting !== undefined) this.#search(chunk);
    if (this.#bytesPerSecond === Infinity) return;
    const due = this.#startedAt + ((this.received - this.#base) / this.#bytesPerSecond) * 1000;
    const wait = due - performance.now();
    if (wait < 1) return;
    this.pty.pause();
    setTimeout(() => this.pty.resume(), wait);
  }

  #search(chunk: Buffer): void {
    const waiting = this.#waiting;
    const text = Buffer.concat([this.#tail, chunk]);
    this.#tail = text.subarray(-4096);
    if (waiting === undefined || !text.includes(waiting.pattern)) return;
    this.#waiting = undefined;
    waiting.resolve(performance.now());
  }
}
