import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError } from '@holdfast/protocol';
import type { Fifo, Fifos } from '../client/fifos.ts';
import type { NativeRun, NativeShell } from './native-shell.ts';
import { exportScript, scriptAlone, scriptBeside, scriptInFront } from './native-script.ts';
import { NativeStreams } from './native-streams.ts';
import { signalStatus } from './signal-status.ts';

/** Exit status of commands that were stopped. */
const STOPPED = signalStatus('SIGTERM');

/** A stopped command that has not ended after so long heeds no SIGPIPE. */
const HEEDED_MS = 100;

/** What the session's shell is asked to do. */
export type ShellRequest = { readonly text: string; readonly terminal: boolean };

/** The session in which the shell runs, as far as native commands need it. */
export type ShellSession = {
  readonly cwd: string;
  /** Its commands may have the terminal. */
  readonly hasTerminal: boolean;
  /** Runs a command that nobody is shown. @returns its exit status @throws RemotingError when the session is lost */
  run(request: ShellRequest): Promise<number>;
  /** Stops what runs, as Ctrl-C does. */
  interrupt(): void;
  /** Resolves when what commands have written to the terminal so far is there; undefined if they do not have it. */
  caughtUp(): Promise<unknown> | undefined;
  /** Commands that heed no stop are left, or killed, after so many milliseconds. */
  readonly killAfterMs: number;
};

/** The command that the session's shell runs; `control` takes requests for the shell of those that run beside it. */
type Front = { readonly control: Fifo | undefined; pending: number };

/**
 * Native commands in a session's own shell on this machine: its variables, functions, aliases and folder are theirs, and
 * its terminal where they are to have it. Their streams are named pipes. A session runs one command at a time; those that
 * a pipeline runs beside it are children of a shell that was forked from the session's before it.
 */
export class SessionShell implements NativeShell {
  readonly isLasting = true;
  readonly #session: ShellSession;
  readonly #fifos: Fifos;
  #front: Front | undefined;
  #environment: Promise<ReadonlyMap<string, string>> | undefined;
  #active = 0;
  /** Variables to be exported, or unset, before the next command. */
  readonly #exports = new Map<string, string | undefined>();
  /** Process groups in which something was stopped that may heed only a signal. */
  readonly #stopped = new Set<number>();

  constructor(session: ShellSession, fifos: Fifos) {
    this.#session = session;
    this.#fifos = fifos;
  }

  get cwd(): string {
    return this.#session.cwd;
  }

  get hasTerminal(): boolean {
    return this.#session.hasTerminal;
  }

  /** The shell ran something else: what was known of it may be so no more. */
  changed(): void {
    this.#environment = undefined;
  }

  async run(text: string, run: NativeRun): Promise<number> {
    // It ends what is read of a text; the rest would be run as another one.
    if (text.includes('\0')) throw new RemotingError('CommandNotText', 'The command contains a NUL character');
    if (run.signal.aborted) return STOPPED;
    this.#active += 1;
    try {
      // A command for the terminal that stands alone is run as it would be if it were typed.
      const isPlain = run.alone && run.onStdout === undefined && run.stdin === undefined;
      return await (isPlain ? this.#inFront(text, run) : this.#piped(text, run));
    } finally {
      this.#active -= 1;
      if (this.#active === 0) this.#endStopped();
      // What was exported while a command ran has not been told to the shell yet.
      if (this.#active === 0 && this.#exports.size > 0) await this.run(':', silent());
    }
  }

  async environment(): Promise<ReadonlyMap<string, string>> {
    this.#environment ??= this.#readEnvironment();
    this.#environment.catch(() => this.changed());
    const known = new Map(await this.#environment);
    for (const [name, value] of this.#exports) {
      if (value === undefined) known.delete(name);
      else known.set(name, value);
    }
    return known;
  }

  async export(name: string, value: string | undefined): Promise<void> {
    if (!/^[A-Za-z_]\w*$/u.test(name)) throw new RemotingError('InvalidMessage', `${name} is no name of a variable`);
    if (value?.includes('\0'))
      throw new RemotingError('CommandNotText', `The value of ${name} contains a NUL character`);
    this.#exports.set(name, value);
    // While a command runs the shell takes no other: those beside it are told, and the shell behind it.
    if (this.#front === undefined) await this.run(':', silent());
  }

  /** With its streams as pipes: alone in the shell itself, else in a fork of it, with a shell for others beside it. */
  async #piped(text: string, run: NativeRun): Promise<number> {
    const streams = await NativeStreams.open(this.#fifos, run, () => this.#session.caughtUp());
    const stop = (): void => streams.destroy();
    let control: Fifo | undefined;
    let isFirst = false;
    try {
      control = run.alone ? undefined : await this.#fifos.take('write');
      isFirst = this.#front === undefined;
      const shellStatus = await (isFirst
        ? this.#inFront(scriptOf(text, streams, control), run, control, streams)
        : this.#beside(text, streams, run));
      const status = control === undefined || run.signal.aborted ? shellStatus : await streams.status();
      // What it left running is nobody's wish if it was stopped, by now or while that still writes.
      if (run.signal.aborted) stop();
      run.signal.addEventListener('abort', stop, { once: true });
      await streams.finish();
      return status;
    } catch (error) {
      stop();
      if (run.signal.aborted) return STOPPED;
      throw error;
    } finally {
      run.signal.removeEventListener('abort', stop);
      if (!isFirst) close(control);
    }
  }

  /** As the one command that the session runs. */
  async #inFront(text: string, run: NativeRun, control?: Fifo, streams?: NativeStreams): Promise<number> {
    const front: Front = { control, pending: 1 };
    this.#front = front;
    const before = this.#exportsText();
    this.#exports.clear();
    if (before !== '') this.changed();
    const ended = this.#session.run({ text: before + text, terminal: run.onStdout === undefined });
    const gaveUp = Promise.withResolvers<number>();
    const stop = (): void => {
      // The shell says nothing of a job that SIGPIPE ended, and the terminal shows no ^C.
      const group = streams?.said.group ?? 0;
      const isAsked = run.onStdout !== undefined && group > 0;
      // One that has ended meanwhile needs no signal, and no Ctrl-C either.
      if (isAsked) signalProcess(-group, 'SIGPIPE');
      const wait = isAsked ? HEEDED_MS : 0;
      void Promise.race([ended, delay(wait, 'late', { ref: false })]).then((how) => {
        if (how === 'late') this.#session.interrupt();
      }, ignore);
      void delay(this.#session.killAfterMs, STOPPED, { ref: false }).then(gaveUp.resolve);
    };
    run.signal.addEventListener('abort', stop, { once: true });
    if (run.signal.aborted) stop();
    try {
      return await Promise.race([ended, gaveUp.promise]);
    } finally {
      run.signal.removeEventListener('abort', stop);
      ended.catch(() => undefined);
      if (run.alone) this.changed();
      this.#front = undefined;
      settle(front);
    }
  }

  /** While the session runs another command of the line: by the shell that was forked before that one. */
  async #beside(text: string, streams: NativeStreams, { signal }: NativeRun): Promise<number> {
    const front = this.#front;
    if (front?.control === undefined)
      throw new RemotingError('SessionBusy', 'The local session runs another command of this line');
    front.pending += 1;
    front.control.stream.write(`${scriptBeside(this.#exportsText() + text, streams)}\0`);
    const stop = (): void => this.#stop(streams);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return (await streams.reported).status ?? STOPPED;
    } finally {
      signal.removeEventListener('abort', stop);
      settle(front);
    }
  }

  /** One that writes ends with its pipes; what else it has started is ended with the line. */
  #stop(streams: NativeStreams): void {
    const { pid, group } = streams.said;
    signalProcess(pid, 'SIGTERM');
    if (group > 1) this.#stopped.add(-group);
    streams.destroy();
  }

  #endStopped(): void {
    for (const group of this.#stopped) {
      signalProcess(group, 'SIGTERM');
      void delay(this.#session.killAfterMs, undefined, { ref: false }).then(() => signalProcess(group, 'SIGKILL'));
    }
    this.#stopped.clear();
  }

  #exportsText(): string {
    return [...this.#exports].map(([name, value]) => `${exportScript(name, value)};`).join('');
  }

  async #readEnvironment(): Promise<ReadonlyMap<string, string>> {
    const chunks: Uint8Array[] = [];
    const take = (bytes: Uint8Array): void => void chunks.push(bytes);
    const status = await this.run('\\builtin command env -0', { ...silent(), alone: false, onStdout: take });
    if (status !== 0) throw new RemotingError('ProgramNotStarted', 'env could not say what is in the environment');
    const entries = Buffer.concat(chunks).toString().split('\0').slice(0, -1);
    return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
  }
}

/** @param control absent: the command runs in the shell itself */
function scriptOf(text: string, streams: NativeStreams, control: Fifo | undefined): string {
  return control === undefined ? scriptAlone(text, streams) : scriptInFront(text, streams, control.path);
}

/** Nobody asks for more: the shell beside ends when it has no request left. */
function settle(front: Front): void {
  front.pending -= 1;
  if (front.pending === 0) close(front.control);
}

function close(control: Fifo | undefined): void {
  control?.opened();
  control?.stream.end();
}

function silent(): NativeRun {
  return { stdin: undefined, onStdout: ignore, onStderr: ignore, alone: true, signal: new AbortController().signal };
}

function signalProcess(target: number, signal: NodeJS.Signals): void {
  try {
    if (target !== 0) process.kill(target, signal);
  } catch {
    // It has ended.
  }
}

function ignore(): void {}
