import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError } from '@holdfast/protocol';
import type { Fifo, Fifos } from '../client/fifos.ts';
import { quoteWord, shellWord } from '../client/shell-words.ts';
import type { NativeRun, NativeShell } from './native-shell.ts';
import { NativeStreams } from './native-streams.ts';

/** Exit status of commands that were stopped: 128 + SIGTERM. */
const STOPPED = 143;

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
    if (run.signal.aborted) return STOPPED;
    this.#active += 1;
    try {
      // A command for the terminal that stands alone is run as it would be if it were typed.
      const isPlain = run.alone && run.onStdout === undefined && run.stdin === undefined;
      return await (isPlain ? this.#inFront(text, run) : this.#piped(text, run));
    } finally {
      this.#active -= 1;
      if (this.#active === 0) this.#endStopped();
    }
  }

  environment(): Promise<ReadonlyMap<string, string>> {
    this.#environment ??= this.#readEnvironment();
    this.#environment.catch(() => this.changed());
    return this.#environment;
  }

  async export(name: string, value: string | undefined): Promise<void> {
    if (!/^[A-Za-z_]\w*$/u.test(name)) throw new RemotingError('InvalidMessage', `${name} is no name of a variable`);
    await this.run(value === undefined ? `unset -v ${name}` : `export ${name}=${shellWord(value)}`, silent());
    this.changed();
  }

  /** With its streams as pipes: alone in the shell itself, else in a fork of it, with a shell for others beside it. */
  async #piped(text: string, run: NativeRun): Promise<number> {
    const streams = await NativeStreams.open(this.#fifos, run, () => this.#session.caughtUp());
    const control = run.alone ? undefined : await this.#fifos.take('write');
    const isFirst = this.#front === undefined;
    try {
      const status = await (isFirst
        ? this.#inFront(pipedText(text, streams, control), run, control, streams)
        : this.#beside(text, streams, run));
      // What it left running is nobody's wish if it was stopped.
      if (run.signal.aborted) streams.destroy();
      await streams.finish();
      return status;
    } catch (error) {
      streams.destroy();
      throw error;
    } finally {
      if (!isFirst) close(control);
    }
  }

  /** As the one command that the session runs. */
  async #inFront(text: string, run: NativeRun, control?: Fifo, streams?: NativeStreams): Promise<number> {
    const front: Front = { control, pending: 1 };
    this.#front = front;
    const ended = this.#session.run({ text, terminal: run.onStdout === undefined });
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
    front.control.stream.write(`${besideText(text, streams)}\0`);
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

  async #readEnvironment(): Promise<ReadonlyMap<string, string>> {
    const chunks: Uint8Array[] = [];
    await this.run('command env -0', { ...silent(), alone: false, onStdout: (bytes) => void chunks.push(bytes) });
    const entries = Buffer.concat(chunks).toString().split('\0').slice(0, -1);
    return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
  }
}

/** @param control absent: the command runs in the shell itself */
function pipedText(text: string, streams: NativeStreams, control: Fifo | undefined): string {
  const command = `eval ${shellWord(text)}`;
  if (control === undefined) return `{ ${say('o')} >${streams.reportPath};${command};} ${streams.redirections}`;
  // Without job control the group is the session's own, which is nobody's to kill.
  const group = 'if [[ $- == *m* ]];then __hf_g=$BASHPID;else __hf_g=0;fi';
  const body = `${group};${say('s %s %s')} $BASHPID $__hf_g >${streams.reportPath};${command}`;
  // A shell in the background expands no aliases unless it is told to.
  const aliases = 'if \\builtin shopt -q expand_aliases;then __hf_a=-s;else __hf_a=-u;fi';
  const loop = `\\builtin shopt $__hf_a expand_aliases;while IFS= \\builtin read -r -d '' __hf_q;do eval "$__hf_q"& done`;
  const beside = `(${group};${aliases};{ ${loop};} >/dev/null 2>&1 <${quoteWord(control.path)} &)`;
  return `${beside};(${body}) ${streams.redirections}`;
}

function say(what: string): string {
  return `\\builtin printf '${what}\\n'`;
}

function besideText(text: string, streams: NativeStreams): string {
  const begin = `exec {__hf_s}>${streams.reportPath};${say('s %s %s')} $BASHPID $__hf_g >&$__hf_s`;
  const body = `(exec {__hf_s}>&-;eval ${shellWord(text)})`;
  return `{ ${begin};${body};${say('e %s')} $? >&$__hf_s;} ${streams.redirections}`;
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

/** @returns whether there was anything to be signalled */
function signalProcess(target: number, signal: NodeJS.Signals): boolean {
  if (target === 0) return false;
  try {
    return process.kill(target, signal);
  } catch {
    // It has ended.
    return false;
  }
}

function ignore(): void {}
