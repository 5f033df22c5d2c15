import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { needProgram } from './need-program.ts';

/** One terminal screen: a private tmux server with one window, driven by keys and read as cells. Tests need tmux for it. */
export class Tmux {
  readonly #socket = `hf-${randomUUID()}`;

  /** @param command run by the window instead of a shell; `env` is its whole environment */
  constructor(
    command: readonly string[],
    options: { env: Record<string, string>; cwd?: string; columns?: number; rows?: number },
  ) {
    needProgram('tmux');
    const size = ['-x', String(options.columns ?? 80), '-y', String(options.rows ?? 24)];
    const assignments = Object.entries(options.env).map(([key, value]) => `${key}=${value}`);
    const window = ['env', '-i', ...assignments, 'TERM=tmux-256color', ...command];
    this.#run(['-f', '/dev/null', 'new-session', '-d', ...size, '-c', options.cwd ?? '/', ...window]);
    this.#run([
      'set',
      '-g',
      'remain-on-exit',
      'on',
      ';',
      'set',
      '-g',
      'escape-time',
      '0',
      ';',
      'set',
      '-g',
      'status',
      'off',
    ]);
  }

  /** Sends keys by tmux's names (`Enter`, `C-c`, `Escape`); use `type` for text. */
  keys(...names: string[]): void {
    this.#run(['send-keys', ...names]);
  }

  /** Types text as it stands. */
  type(text: string): void {
    this.#run(['send-keys', '-l', text]);
  }

  /** Types a line and Enter. */
  line(text: string): void {
    if (text !== '') this.type(text);
    this.keys('Enter');
  }

  /** The screen's lines, blanks at their ends cut off. */
  screen(): string {
    return this.#run(['capture-pane', '-p']);
  }

  /** The screen and what scrolled out of it. */
  history(): string {
    return this.#run(['capture-pane', '-p', '-S', '-', '-J']);
  }

  /** The screen with colours and attributes, for comparing cells. */
  cells(): string {
    return this.#run(['capture-pane', '-p', '-e']);
  }

  resize(columns: number, rows: number): void {
    this.#run(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** A format of tmux, such as `#{cursor_x}` or `#{alternate_on}`. */
  format(format: string): string {
    return this.#run(['display-message', '-p', format]).trim();
  }

  /** Writes all that the window's program writes from now on into a file. */
  record(file: string): void {
    this.#run(['pipe-pane', `exec cat >> ${file}`]);
  }

  /** Waits until the screen matches; fails with the screen in the message. */
  async waitFor(
    pattern: { test(text: string): boolean; toString(): string } | string,
    options: { timeoutMs?: number; history?: boolean } = {},
  ): Promise<string> {
    const until = performance.now() + (options.timeoutMs ?? 20_000);
    for (;;) {
      const text = options.history === true ? this.history() : this.screen();
      if (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)) return text;
      if (performance.now() > until) throw new Error(`The screen never showed ${String(pattern)}:\n${text}`);
      // The screen of another program can only be looked at again.
      await delay(25);
    }
  }

  /** True while the window's program runs. */
  get alive(): boolean {
    return this.format('#{pane_dead}') === '0';
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }

  #run(args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
