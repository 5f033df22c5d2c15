import { Pty } from '../../packages/agent/src/terminal/pty.ts';
import { Viewer } from '../../packages/agent/src/testing/viewer.ts';

/** A person's terminal that answers what it is asked, as terminals do: an emulator that types its answers. */
export class EmulatedTerminal implements Disposable {
  readonly #pty: Pty;
  readonly #viewer = new Viewer(80, 24, 500);
  #told = 0;
  #wake = (): void => {};

  constructor([file = '', ...args]: readonly string[], env: Record<string, string>) {
    this.#pty = Pty.spawn({
      file,
      args,
      env,
      cwd: '/',
      columns: 80,
      rows: 24,
      onData: (chunk) => void this.#viewer.show(chunk).then(() => this.#answer()),
      onExit: () => {},
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** All that it answered so far. */
  get answers(): string {
    return this.#viewer.typed;
  }

  /** What the person types. */
  type(text: string): void {
    this.#pty.write(Buffer.from(text));
  }

  /** The lines of the screen. */
  get screen(): string {
    const { active } = this.#viewer.emulator.terminal.buffer;
    const lines = Array.from({ length: 24 }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true));
    return lines.join('\n').trimEnd();
  }

  /** Waits until the screen matches; fails with the screen in the message. */
  async waitFor(pattern: RegExp): Promise<void> {
    const tooLong = AbortSignal.timeout(20_000);
    while (!pattern.test(this.screen)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      tooLong.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      if (tooLong.aborted) throw new Error(`The screen never showed ${String(pattern)}:\n${this.screen}`);
    }
  }

  #answer(): void {
    const { typed } = this.#viewer;
    if (typed.length > this.#told) this.#pty.write(Buffer.from(typed.slice(this.#told), 'latin1'));
    this.#told = typed.length;
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.#pty.dispose();
  }
}
