import { randomBytes } from 'node:crypto';
import { RemotingError } from '@holdfast/protocol';
import type { Pty } from '../terminal/pty.ts';
import { BashFiles } from './bash-files.ts';
import { ANSWER_END, GIVE_UP, IDLE_TRIGGER, RUN_TRIGGER, bashRc } from './bash-rc.ts';
import { BashTerminal, type HandledMark } from './bash-terminal.ts';
import { encodeCommand, frameCommand, isExit, withoutTyped } from './command-text.ts';
import type { ShellState } from './command-text.ts';
import { Completion, abortReason, completionText } from './completion.ts';
import type { Driver, DriverName, Redirection, StartOptions } from './driver.ts';
import { noCommands } from './raw.ts';
import { rawNotice } from './raw-notice.ts';

export type BashOptions = StartOptions & {
  /** The bash to run; /bin/bash unless given. */
  file?: string;
  /** Changes the rc script, for tests. */
  rcText?: (script: string) => string;
  /** How long a completion may take before it is interrupted; 2 s unless given. */
  completionTimeoutMs?: number;
};

/** Starts the user's bash with rc files, aliases and job control. Throws RemotingError ProgramNotStarted. */
export function startBash(options: BashOptions): Driver {
  return new Bash(options);
}

/** What the shell does for us now. */
type Task = Completion | { kind: 'command'; commandId: string } | { kind: 'keep-alive' };

/** `busy` lasts from a trigger, or from the start, to mark R; a task in it to mark E. */
type State = 'busy' | 'idle' | 'raw' | 'over';

/** `$?` after SIGINT. */
const INTERRUPTED = 130;

class Bash implements Driver {
  readonly pty: Pty;
  readonly #options: BashOptions;
  readonly #files: BashFiles;
  readonly #answer = `hf${randomBytes(8).toString('hex')}-`;
  readonly #terminal: BashTerminal;
  #state: State = 'busy';
  #task: Task | undefined;
  /** Given while a task of our own ran. */
  #next: { commandId: string; text: Buffer; redirection: Redirection | undefined } | undefined;
  /** Keys that no program can read any more. */
  #stray: Uint8Array[] = [];
  #isDraining = false;
  #isFirst = true;
  /** Whether the shell has read the task's text. */
  #hasStarted = false;
  #isProbing = false;
  #wasExit = false;
  /** Settled when the shell is back at its prompt. */
  #completed: Completion | undefined;
  /** Whether nobody waits for the next mark R: what led to it was our own. */
  #isQuiet = false;
  #cwd: string;
  #jobs = 0;
  #shell: ShellState = { status: 0, flags: '', lastArgument: "''" };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BashOptions) {
    const nonce = randomBytes(16).toString('hex');
    this.#options = options;
    this.#cwd = options.cwd;
    this.#files = new BashFiles(options.folder);
    const rc = bashRc({ nonce, answer: this.#answer, folder: this.#files.folder, noProfile: options.noProfile });
    try {
      this.#files.writeRc(options.rcText?.(rc) ?? rc);
      this.#terminal = new BashTerminal({
        ...options,
        file: options.file ?? '/bin/bash',
        rc: this.#files.rc,
        nonce,
        onMark: (mark) => this.#onMark(mark),
        onExit: (exit) => {
          this.#end();
          options.listeners.onExit(exit);
        },
      });
    } catch (error) {
      this.#files.dispose();
      throw error;
    }
    this.pty = this.#terminal.pty;
    this.#timer = setTimeout(() => this.#goRaw(options.readyTimeoutMs), options.readyTimeoutMs);
  }

  get name(): DriverName {
    return this.#state === 'raw' ? 'raw' : 'bash';
  }

  get idle(): boolean {
    return this.#next === undefined && (this.#state === 'idle' || (this.#state === 'busy' && this.#isQuiet));
  }

  run(commandId: string, text: string, redirection?: Redirection): void {
    if (!this.idle) throw this.#refusal();
    const next = { commandId, text: encodeCommand(text), redirection };
    this.#files.reserve(frameCommand(next.text, { ...this.#shell, insists: true }, redirection).length);
    this.#next = next;
    if (this.#state === 'idle') this.#startNext(Buffer.alloc(0));
    else if (this.#task?.kind === 'completion') this.#task.interrupt();
  }

  write(bytes: Uint8Array, by?: string): void {
    if (this.#state === 'over') return;
    if (!this.#isDraining && this.#next === undefined && !this.idle) return this.pty.write(bytes, by);
    this.#stray.push(bytes);
    if (this.#state === 'idle') this.#reportReady(Buffer.alloc(0));
  }

  complete(line: string, point: number, signal?: AbortSignal): Promise<string[]> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (this.#state !== 'idle' || line.includes('\0')) return Promise.reject(this.#refusal());
    const completion = new Completion(() => this.#interruptCompletion(), this.#options.completionTimeoutMs, signal);
    this.#begin(completion, completionText(line, point));
    return completion.candidates;
  }

  dispose(): void {
    this.#end();
    this.pty.dispose();
  }

  #interruptCompletion(): void {
    // What it leaves on the screen from here on is nobody's.
    this.#terminal.isMuted = true;
    this.pty.interrupt();
  }

  #begin(task: Task, text: Buffer, redirection?: Redirection): void {
    const isExitNow = task.kind === 'command' && redirection === undefined && isExit(text);
    const insists = this.#wasExit && isExitNow;
    this.#wasExit = isExitNow;
    this.#files.writeText(frameCommand(text, { ...this.#shell, insists }, redirection));
    this.#type(task, RUN_TRIGGER);
  }

  #type(task: Task, line: string): void {
    clearTimeout(this.#timer);
    this.#state = 'busy';
    this.#task = task;
    this.#isQuiet = task.kind !== 'command';
    this.#hasStarted = task.kind === 'keep-alive';
    this.#isProbing = false;
    this.#terminal.type(line, '\n');
  }

  #onMark(mark: HandledMark): void {
    switch (mark.kind) {
      case 'started':
        return this.#onStarted();
      case 'ended':
        return this.#onEnded(mark);
      case 'drain':
        return this.#onDrain(mark.number);
      case 'ready':
        return this.#onReady(mark);
      case 'unsupported':
        return this.#goRaw();
    }
  }

  #onStarted(): void {
    this.#hasStarted = true;
    this.#terminal.expectNoEcho();
    if (this.#task?.kind === 'command') this.#options.listeners.onStarted?.();
    if (this.#state !== 'over') this.#files.wipeText();
  }

  #onEnded(mark: Extract<HandledMark, { kind: 'ended' }>): void {
    const task = this.#task;
    this.#terminal.endOutput();
    this.#terminal.isMuted = false;
    this.#jobs = mark.jobs;
    if (task === undefined || !this.#hasStarted) return this.#onBarePrompt(mark);
    this.#task = undefined;
    if (task.kind === 'completion') this.#completed = task.finish();
    if (task.kind !== 'command') return;
    this.#cwd = mark.cwd;
    this.#shell = { status: mark.status, flags: mark.flags, lastArgument: mark.lastArgument };
    this.#reportEnd(task.commandId);
  }

  /** A prompt after no command: the first, one after Ctrl-C, or one in the way of a trigger that was just typed. */
  #onBarePrompt(mark: Extract<HandledMark, { kind: 'ended' }>): void {
    this.#cwd = mark.cwd;
    this.#shell.status = mark.status;
    if (this.#isFirst) this.#shell.flags = mark.flags;
    this.#becomeBusy();
  }

  /**
   * A prompt with a trigger under way: Ctrl-C came before the shell had read it. Either the terminal has dropped it, or
   * it was read as typed-ahead `keys`, and the task is over; or it stands in the shell's own buffer and runs now. A
   * line that does nothing shows which: no prompt comes after it but with the trigger done or gone. If the task had
   * started, the terminal has dropped mark E, as Ctrl-C may.
   */
  #isStillToStart(keys: Buffer): boolean {
    if (!this.#hasStarted && !this.#isProbing && !keys.includes(RUN_TRIGGER)) {
      this.#isProbing = true;
      this.#terminal.type(IDLE_TRIGGER, '\n');
      return true;
    }
    const task = this.#task;
    this.#task = undefined;
    this.#shell.status = INTERRUPTED;
    if (task?.kind === 'completion') task.settle([]);
    if (task?.kind === 'command') this.#reportEnd(task.commandId);
    return false;
  }

  #reportEnd(commandId: string): void {
    this.#options.listeners.onEnded({ commandId, status: this.#shell.status, cwd: this.#cwd, jobs: this.#jobs });
  }

  #becomeBusy(): void {
    if (this.#state === 'idle') this.#state = 'busy';
  }

  #onDrain(number: string): void {
    if (this.#state === 'over') return;
    this.#becomeBusy();
    this.#isDraining = this.#state !== 'raw';
    this.#terminal.type(this.#answer + (this.#state === 'raw' ? GIVE_UP : number) + ANSWER_END);
  }

  #onReady(mark: Extract<HandledMark, { kind: 'ready' }>): void {
    const keys = withoutTyped(mark.keys, this.#answer);
    this.#terminal.expectNoEcho();
    this.#isDraining = false;
    if (this.#state === 'over') return;
    if (this.#state === 'raw') return this.pty.write(keys);
    clearTimeout(this.#timer);
    if (this.#task !== undefined && this.#isStillToStart(mark.keys)) return void this.#stray.push(keys);
    if (this.#isFirst) this.#files.removeRc();
    this.#files.wipeText();
    this.#state = 'idle';
    this.#isFirst = false;
    this.#cwd = mark.cwd;
    this.#jobs = mark.jobs;
    // A TMOUT ends a shell that waits too long for a command, also one that nobody is connected to.
    if (mark.timeoutS > 0)
      this.#timer = setTimeout(() => this.#type({ kind: 'keep-alive' }, IDLE_TRIGGER), mark.timeoutS * 500);
    this.#completed?.settle(this.#files.takeAnswer());
    this.#completed = undefined;
    if (this.#next === undefined) this.#reportReady(keys);
    else this.#startNext(keys);
  }

  /** Keys that came meanwhile are for the command, as they would be on any terminal. */
  #startNext(keys: Buffer): void {
    const next = this.#next;
    const stray = this.#stray;
    this.#next = undefined;
    this.#stray = [];
    if (next !== undefined) this.#begin({ kind: 'command', commandId: next.commandId }, next.text, next.redirection);
    this.pty.write(Buffer.concat([keys, ...stray]));
  }

  #reportReady(keys: Buffer): void {
    const typeahead = Buffer.concat([keys, ...this.#stray]);
    const hadStray = this.#stray.length > 0;
    this.#stray = [];
    if (!this.#isQuiet || typeahead.length > 0) {
      this.#isQuiet = true;
      this.#options.listeners.onReady({ cwd: this.#cwd, typeahead, jobs: this.#jobs, driver: 'bash' });
    }
    if (hadStray) this.#terminal.reportInput();
  }

  /** No prompt came in time, or from a bash too old: from now on a terminal only. */
  #goRaw(lateMs?: number): void {
    if (this.#state !== 'busy') return;
    clearTimeout(this.#timer);
    this.#state = 'raw';
    this.#files.removeRc();
    this.#terminal.endOutput();
    this.#options.listeners.onOutput(rawNotice(lateMs));
    this.#options.listeners.onReady({ cwd: this.#cwd, typeahead: Buffer.alloc(0), jobs: 0, driver: 'raw' });
  }

  #end(): void {
    if (this.#state === 'over') return;
    clearTimeout(this.#timer);
    this.#state = 'over';
    this.#terminal.end();
    this.#files.dispose();
    for (const task of [this.#task, this.#completed]) if (task?.kind === 'completion') task.settle([]);
  }

  #refusal(): RemotingError {
    if (this.#state === 'raw') return noCommands();
    if (this.#state === 'over') return new RemotingError('SessionExited', "The session's shell has exited");
    return new RemotingError('SessionBusy', 'The session runs a command; wait for its end or interrupt it');
  }
}
