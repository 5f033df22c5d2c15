import { Pty } from '../../packages/agent/src/terminal/pty.ts';

/** A program on a terminal of its own that is written to and read as bytes, for what no person types: see Tmux. */
export class Console implements Disposable {
  readonly #pty: Pty;
  #output = '';
  #wake = (): void => {};

  constructor([file = '', ...args]: readonly string[], env: Record<string, string>) {
    this.#pty = Pty.spawn({
      file,
      args,
      env,
      cwd: '/',
      columns: 80,
      rows: 24,
      onData: (chunk) => {
        this.#output += chunk.toString('latin1');
        this.#wake();
      },
      onExit: () => {},
    });
  }

  /** Typed bytes that the terminal has not taken yet, because the program does not read. */
  get waitingBytes(): number {
    return this.#pty.queuedBytes;
  }

  type(bytes: string | Buffer): void {
    this.#pty.write(Buffer.from(bytes));
  }

  /** Waits until the program has written what matches, and forgets its output up to there. */
  async see(pattern: RegExp | string): Promise<string> {
    for (;;) {
      const [found] = typeof pattern === 'string' ? [pattern] : (pattern.exec(this.#output) ?? []);
      const at = found === undefined ? -1 : this.#output.indexOf(found);
      if (found !== undefined && at !== -1) {
        this.#output = this.#output.slice(at + found.length);
        return found;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.#pty.dispose();
  }
}
