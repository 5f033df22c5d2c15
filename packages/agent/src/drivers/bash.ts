import { randomBytes } from 'node:crypto';
import { RemotingError } from '@holdfast/protocol';
import { Pty } from '../terminal/pty.ts';
import type { PtyExit } from '../terminal/pty.ts';
import { BashFiles } from './bash-files.ts';
import { parseBashMark } from './bash-marks.ts';
import type { BashMark } from './bash-marks.ts';
import { ANSWER_END, GIVE_UP, IDLE_TRIGGER, RUN_TRIGGER, bashRc } from './bash-rc.ts';
import { encodeCommand, frameCommand, withoutTyped } from './command-text.ts';
import type { ShellState } from './command-text.ts';
import { Completion, abortReason, completionText } from './completion.ts';
import type { Driver, DriverName, StartOptions } from './driver.ts';
import { EchoFilter } from './echo-filter.ts';
import { LastWord } from './last-word.ts';
import { MarkScanner } from './mark-scanner.ts';
import { noCommands } from './raw.ts';

export type BashOptions = StartOptions & {
  /** The bash to run; /bin/bash unless given. */
  file?: string;
  /** How long a completion may take before it is interrupted; 2 s unless given. */
  completionTimeoutMs?: number;
};

/** Starts the user's bash with rc files, aliases and job control. Throws RemotingError ProgramNotStarted. */
export function startBash(options: BashOptions): Driver {
  return new Bash(options);
}

/** What the shell does for us now. */
type Task = Completion | { kind: 'command'; commandId: string } | { kind: 'keep-alive' };

type Command = { commandId: string; text: Buffer };

/** `busy` lasts from a trigger, or from the start, to mark R; a task in it to mark E. */
type State = 'busy' | 'idle' | 'raw' | 'over';

const COMPLETION_TIMEOUT_MS = 2000;
const EMPTY = Buffer.alloc(0);

class Bash implements Driver {
  readonly pty: Pty;
  readonly #options: BashOptions;
  readonly #files: BashFiles;
  readonly #answer = `hf${randomBytes(8).toString('hex')}-`;
  readonly #scanner: MarkScanner;
  readonly #echoes: EchoFilter;
  readonly #lastWord: LastWord;
  #state: State = 'busy';
  #task: Task | undefined;
  /** Given while a task of our own ran. */
  #next: Command | undefined;
  /** Keys that no program can read any more. */
  #stray: Uint8Array[] = [];
  #isDraining = false;
  #isFirst = true;
  /** Whether nobody waits for the next mark R: what led to it was our own. */
  #isQuiet = false;
  #written = 0;
  #cwd: string;
  #jobs = 0;
  #shell: ShellState = { status: 0, flags: '', lastArgument: "''" };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BashOptions) {
    const { listeners } = options;
    const nonce = randomBytes(16).toString('hex');
    this.#options = options;
    this.#cwd = options.cwd;
    this.#lastWord = new LastWord((bytes) => listeners.onOutput(bytes));
    this.#echoes = new EchoFilter((bytes) => this.#onText(bytes));
    this.#scanner = new MarkScanner(Buffer.from(`\x1b]7337;${nonce};`), {
      onText: (bytes) => this.#echoes.push(bytes),
      onMark: (body) => this.#onMark(parseBashMark(body)),
    });
    this.#files = new BashFiles(options.folder);
    this.#files.writeRc(bashRc({ nonce, answer: this.#answer, folder: this.#files.folder }));
    try {
      this.pty = this.#spawn();
    } catch (error) {
      this.#files.dispose();
      throw error;
    }
    this.#timer = setTimeout(() => this.#goRaw(), options.readyTimeoutMs);
  }

  get name(): DriverName {
    return this.#state === 'raw' ? 'raw' : 'bash';
  }

  get idle(): boolean {
    if (this.#next !== undefined) return false;
    return this.#state === 'idle' || (this.#task !== undefined && this.#task.kind !== 'command');
  }

  run(commandId: string, text: string): void {
    if (!this.idle) throw this.#refusal();
    this.#next = { commandId, text: encodeCommand(text) };
    if (this.#state === 'idle') this.#startNext(EMPTY);
    else if (this.#task?.kind === 'completion') this.#task.interrupt();
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'over') return;
    const isHeld = this.#isDraining || this.#next !== undefined || this.idle;
    if (!isHeld) return this.pty.write(bytes);
    this.#stray.push(bytes);
    if (this.#state === 'idle') this.#reportReady(EMPTY);
  }

  complete(line: string, point: number, signal?: AbortSignal): Promise<string[]> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (this.#state !== 'idle' || line.includes('\0')) return Promise.reject(this.#refusal());
    const timeoutMs = this.#options.completionTimeoutMs ?? COMPLETION_TIMEOUT_MS;
    const completion = new Completion(() => this.pty.interrupt(), timeoutMs, signal);
    this.#begin(completion, completionText(line, point));
    return completion.candidates;
  }

  dispose(): void {
    this.#end();
    this.pty.dispose();
  }

  #spawn(): Pty {
    const { env, cwd, columns, rows, onWritten } = this.#options;
    return Pty.spawn({
      env,
      cwd,
      columns,
      rows,
      file: this.#options.file ?? '/bin/bash',
      args: ['--noediting', '--rcfile', this.#files.rc, '-i'],
      onData: (chunk) => this.#scanner.push(chunk),
      onExit: (exit) => this.#onExit(exit),
      onWritten: (total) => {
        this.#written = total;
        onWritten?.(total);
      },
    });
  }

  #begin(task: Task, text: Buffer): void {
    this.#files.writeText(frameCommand(text, this.#shell));
    this.#type(task, RUN_TRIGGER);
  }

  #type(task: Task, line: string): void {
    clearTimeout(this.#timer);
    this.#state = 'busy';
    this.#task = task;
    this.#isQuiet = task.kind !== 'command';
    const bytes = Buffer.from(line);
    this.#echoes.expect(bytes);
    this.pty.write(Buffer.concat([bytes, Buffer.from('\n')]));
  }

  #onText(bytes: Buffer): void {
    // What an interrupted completion leaves on the screen is nobody's.
    if (this.#task?.kind === 'completion' && this.#task.interrupted) return;
    this.#lastWord.push(bytes);
  }

  #onMark(mark: BashMark | undefined): void {
    switch (mark?.kind) {
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
      default:
    }
  }

  #onStarted(): void {
    this.#echoes.expectNone();
    if (this.#state !== 'over') this.#files.wipeText();
  }

  #onEnded(mark: Extract<BashMark, { kind: 'ended' }>): void {
    const task = this.#task;
    this.#echoes.expectNone();
    this.#lastWord.flush();
    this.#task = undefined;
    this.#jobs = mark.jobs;
    if (task?.kind === 'completion') return task.settle(this.#files.takeAnswer());
    if (task?.kind === 'keep-alive') return;
    this.#cwd = mark.cwd;
    this.#shell.status = mark.status;
    // A prompt without a command, as after Ctrl-C at one.
    if (task === undefined && !this.#isFirst) return this.#becomeBusy();
    this.#shell = { status: mark.status, flags: mark.flags, lastArgument: mark.lastArgument };
    if (task === undefined) return;
    this.#options.listeners.onEnded({ commandId: task.commandId, status: mark.status, cwd: mark.cwd, jobs: mark.jobs });
  }

  #becomeBusy(): void {
    if (this.#state === 'idle') this.#state = 'busy';
  }

  #onDrain(number: string): void {
    if (this.#state === 'over') return;
    this.#becomeBusy();
    this.#isDraining = this.#state !== 'raw';
    const answer = Buffer.from(this.#answer + (this.#state === 'raw' ? GIVE_UP : number) + ANSWER_END);
    this.#echoes.expect(answer);
    this.pty.write(answer);
  }

  #onReady(mark: Extract<BashMark, { kind: 'ready' }>): void {
    const keys = withoutTyped(mark.keys, this.#answer);
    this.#echoes.expectNone();
    this.#isDraining = false;
    if (this.#state === 'over') return;
    if (this.#state === 'raw') return this.pty.write(keys);
    clearTimeout(this.#timer);
    if (this.#isFirst) this.#files.removeRc();
    this.#files.wipeText();
    this.#state = 'idle';
    this.#isFirst = false;
    this.#cwd = mark.cwd;
    this.#jobs = mark.jobs;
    // A TMOUT ends a shell that waits too long for a command, also one that nobody is connected to.
    if (mark.timeoutS > 0) this.#timer = setTimeout(() => this.#keepAlive(), mark.timeoutS * 500);
    if (this.#next === undefined) this.#reportReady(keys);
    else this.#startNext(keys);
  }

  /** Keys that came meanwhile are for the command, as they would be on any terminal. */
  #startNext(keys: Buffer): void {
    const next = this.#next;
    const stray = this.#stray;
    this.#next = undefined;
    this.#stray = [];
    if (next !== undefined) this.#begin({ kind: 'command', commandId: next.commandId }, next.text);
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
    if (hadStray) this.#options.onWritten?.(this.#written);
  }

  #keepAlive(): void {
    this.#type({ kind: 'keep-alive' }, IDLE_TRIGGER);
  }

  /** No prompt came in time, or from a bash too old: from now on a terminal only. */
  #goRaw(): void {
    if (this.#state !== 'busy') return;
    clearTimeout(this.#timer);
    this.#state = 'raw';
    this.#files.removeRc();
    this.#echoes.expectNone();
    this.#lastWord.flush();
    this.#options.listeners.onReady({ cwd: this.#cwd, typeahead: EMPTY, jobs: 0, driver: 'raw' });
  }

  #onExit(exit: PtyExit): void {
    this.#scanner.flush();
    this.#echoes.expectNone();
    this.#lastWord.drop();
    this.#end();
    this.#options.listeners.onExit(exit);
  }

  #end(): void {
    if (this.#state === 'over') return;
    clearTimeout(this.#timer);
    this.#state = 'over';
    this.#lastWord.drop();
    this.#files.dispose();
    if (this.#task?.kind === 'completion') this.#task.settle([]);
  }

  #refusal(): RemotingError {
    if (this.#state === 'raw') return noCommands();
    return new RemotingError('SessionBusy', 'The session runs a command; wait for its end or interrupt it');
  }
}
