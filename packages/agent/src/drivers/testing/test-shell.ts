import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PtyExit } from '../../terminal/pty.ts';
import { startBash } from '../bash.ts';
import type { BashOptions } from '../bash.ts';
import type { Driver, DriverName } from '../driver.ts';

export type Ran = {
  /** What came between the start and onEnded, without carriage returns; `raw` has them. */
  output: string;
  raw: string;
  status: number;
  cwd: string;
  jobs: number;
  typeahead: string;
  /** Set when the shell ended instead of the command. */
  exit?: PtyExit;
};

type Ready = { cwd: string; typeahead: Buffer; jobs: number; driver: DriverName };

/** A home directory with rc files as users have them; removed with the shells that live in it. */
export function makeHome(files: Record<string, string>): string {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  return home;
}

/** The bash driver with its listeners turned into promises. */
export class TestShell implements AsyncDisposable {
  readonly driver: Driver;
  readonly home: string;
  readonly folder: string;
  /** The first onReady, or the exit that came instead. */
  readonly started: Promise<Ready | PtyExit>;
  /** All output from the start on. */
  output = '';
  readonly readies: Ready[] = [];
  exit: PtyExit | undefined;
  #ended: { status: number; cwd: string; jobs: number; at: number } | undefined;
  #look: (() => void)[] = [];
  #count = 0;

  constructor(options: Partial<BashOptions> & { home?: string; rc?: string } = {}) {
    this.home = options.home ?? makeHome({ '.bashrc': options.rc ?? '' });
    this.folder = join(this.home, '.run');
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: this.home, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
    this.driver = startBash({
      folder: this.folder,
      cwd: this.home,
      columns: 80,
      rows: 24,
      readyTimeoutMs: 20_000,
      ...options,
      env: { ...env, ...options.env },
      listeners: {
        onOutput: (bytes) => this.#note(() => (this.output += bytes.toString('utf8'))),
        onReady: (at) => this.#note(() => this.readies.push(at)),
        onEnded: (end) => this.#note(() => (this.#ended = { ...end, at: this.output.length })),
        onExit: (exit) => this.#note(() => (this.exit = exit)),
      },
    });
    this.started = this.until(() => this.exit ?? this.readies[0]);
  }

  /** Waits until `probe` gives something, looking after each event of the driver. */
  async until<T>(probe: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = probe();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#look.push(resolve));
    }
  }

  /** Waits until `text` has come since the last begin(). */
  shows(text: string | RegExp): Promise<true> {
    const since = this.#since;
    return this.until(() =>
      typeof text === 'string' ? this.output.includes(text, since) : text.test(this.output.slice(since)),
    );
  }

  #since = 0;

  /** Starts a command; its result comes when the shell takes the next one, or has exited. */
  begin(text: string): Promise<Ran> {
    const since = this.output.length;
    this.#since = since;
    const readies = this.readies.length;
    this.#ended = undefined;
    this.driver.run(`command-${++this.#count}`, text);
    return this.until(
      () => this.exit !== undefined || (this.#ended !== undefined && this.readies.length > readies),
    ).then(() => {
      const end = this.#ended;
      const raw = this.output.slice(since, end?.at);
      return {
        raw,
        output: raw.replaceAll('\r', ''),
        status: end?.status ?? -1,
        cwd: end?.cwd ?? '',
        jobs: end?.jobs ?? 0,
        typeahead: this.readies
          .slice(readies)
          .map((ready) => ready.typeahead.toString())
          .join(''),
        ...(this.exit && { exit: this.exit }),
      };
    });
  }

  /** Runs a command to the next prompt. */
  async run(text: string): Promise<Ran> {
    await this.started;
    return this.begin(text);
  }

  async out(text: string): Promise<string> {
    return (await this.run(text)).output;
  }

  type(keys: string): void {
    this.driver.write(Buffer.from(keys));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.driver.dispose();
    rmSync(this.home, { recursive: true, force: true });
  }

  #note(change: () => void): void {
    change();
    for (const look of this.#look.splice(0)) look();
  }
}
