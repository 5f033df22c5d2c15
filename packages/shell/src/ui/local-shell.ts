import { Fifos } from '../client/fifos.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import type { NativeRun, NativeShell } from '../runtime/native-shell.ts';
import { SessionShell, type ShellRequest, type ShellSession } from '../runtime/session-shell.ts';
import { signalStatus } from '../runtime/signal-status.ts';
import { SpawnedShell } from '../runtime/spawned-shell.ts';
import type { BusyWork } from './busy-work.ts';
import type { SessionPlace } from './session-place.ts';

/** Exit statuses of a command that Ctrl-C ended or Ctrl-Z stopped: the line goes no further. */
const LEFT_BY_KEY = new Set([signalStatus('SIGINT'), signalStatus('SIGTSTP')]);

export type LocalShellParts = {
  /** The local session, if there is one. */
  place: () => SessionPlace | undefined;
  /** The line whose commands run. */
  busy: BusyWork;
};

/**
 * The shell in which native commands of our lines run at the prompt: the local session's, so that there is one folder and
 * one environment; a process of its own where there is none with a bash.
 */
export class LocalShell implements NativeShell, Disposable {
  readonly #parts: LocalShellParts;
  readonly #fifos = new Fifos();
  readonly #spawned: SpawnedShell;
  #isLent = false;
  #session: { readonly remote: RemoteSession; readonly shell: SessionShell } | undefined;

  constructor(parts: LocalShellParts) {
    this.#parts = parts;
    this.#spawned = new SpawnedShell(() => parts.place()?.remote.info.cwd ?? process.cwd());
  }

  get cwd(): string {
    return this.#spawned.cwd;
  }

  get hasTerminal(): boolean {
    return this.#shell.hasTerminal;
  }

  get isLasting(): boolean {
    return this.#shell.isLasting;
  }

  run(text: string, run: NativeRun): Promise<number> {
    return this.#shell.run(text, run);
  }

  environment(): Promise<ReadonlyMap<string, string>> {
    return this.#shell.environment();
  }

  export(name: string, value: string | undefined): Promise<void> {
    return this.#shell.export(name, value);
  }

  /** A line ran in the local session. */
  changed(): void {
    this.#session?.shell.changed();
  }

  [Symbol.dispose](): void {
    this.#fifos.dispose();
  }

  get #shell(): NativeShell {
    const place = this.#parts.place();
    if (place?.remote.state !== 'Opened' || place.remote.info.driver !== 'bash') return this.#spawned;
    if (this.#session?.remote !== place.remote) {
      this.#session = { remote: place.remote, shell: new SessionShell(this.#sessionOf(place), this.#fifos) };
    }
    return this.#session.shell;
  }

  #sessionOf(place: SessionPlace): ShellSession {
    const { remote } = place;
    return {
      get cwd() {
        return remote.info.cwd;
      },
      get hasTerminal() {
        return place.isOpen;
      },
      run: (request) => this.#run(place, request),
      interrupt: () => place.interrupt(),
      caughtUp: () => (this.#isLent ? remote.size.caughtUp(remote.info).catch(() => undefined) : undefined),
      killAfterMs: remote.connection.settings.killAfterMs,
    };
  }

  /** Lends the terminal: from the start, or when the command writes to it, as sudo does to ask for a password. */
  async #run(place: SessionPlace, { text, terminal }: ShellRequest): Promise<number> {
    if (!place.isOpen) return (await place.remote.run(text, '', '').ended).status;
    const { busy } = this.#parts;
    if (!busy.isRunning) return this.#runAtPrompt(place, text);
    const { ended, turn } = place.run(text, '', '');
    let lent: Promise<unknown> | undefined;
    const lend = (): void => {
      if (lent !== undefined) return;
      busy.keys.end();
      this.#isLent = true;
      lent = turn().finally(() => busy.keys.begin());
    };
    if (terminal) lend();
    else place.onBareOutput = lend;
    try {
      const { status } = await ended;
      place.onBareOutput = undefined;
      await lent;
      if (lent !== undefined && LEFT_BY_KEY.has(status)) busy.stop();
      return status;
    } finally {
      place.onBareOutput = undefined;
      await lent;
      this.#isLent = false;
    }
  }

  /** The next line finds the shell at its prompt again. */
  async #runAtPrompt(place: SessionPlace, text: string): Promise<number> {
    const { status } = await place.run(text, '', '').ended;
    await place.readiness.until();
    return status;
  }
}
