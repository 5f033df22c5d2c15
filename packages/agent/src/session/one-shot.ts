import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { RemotingError, type EventOf, type RequestOf } from '@holdfast/protocol';
import { stdioWithoutMasters } from '../terminal/master-descriptors.ts';
import {
  nextAttempt,
  type ChannelEnd,
  type ChannelPort,
  type ClientIdentity,
  type ResumePoint,
} from './channel-port.ts';
import type { FifoPool, Pipe } from './fifo-pool.ts';
import type { HostSettings } from './host-settings.ts';
import { OneShotInput } from './one-shot-input.ts';
import { OneShotOutput } from './one-shot-output.ts';
import { loginShell } from './session-environment.ts';
import { terminate } from './terminate.ts';

/** Longest argument of a program (MAX_ARG_STRLEN of execve(2)); longer text goes through a file. */
const MAX_ARGUMENT_BYTES = 128 * 1024 - 1;

/** What a one-shot is started with. */
export type OneShotOptions = {
  request: RequestOf<'exec.start'>;
  client: ClientIdentity;
  env: Record<string, string>;
  cwd: string;
  port: ChannelPort;
  errorPort: ChannelPort;
  pipes: FifoPool;
  /** For text that is too long for an argument. */
  folder: string;
  settings: HostSettings;
  /** It has ended, or nobody waits for its end any more. */
  onOver: (exit: { status: number; signal?: number } | undefined) => void;
  /** It is over, and nobody can ask for it any more. */
  onForgotten: () => void;
};

/** The login shell's `-c TEXT` with pipes, in a process group of its own, like `ssh host TEXT`. */
export class OneShot implements ChannelEnd {
  readonly attachmentId: string = randomUUID();
  readonly incarnation: string = randomUUID();
  readonly client: ClientIdentity;
  readonly #options: OneShotOptions;
  readonly #child: ChildProcess;
  readonly #stdin: OneShotInput;
  readonly #outputs: readonly OneShotOutput[];
  readonly #exited = Promise.withResolvers<void>();
  #exit: { status: number; signal?: number } | undefined;
  #ended: EventOf<'exec.ended'> | undefined;
  #grace: NodeJS.Timeout | undefined;
  #attempt: number;

  /** @throws RemotingError ProgramNotStarted or CommandNotText */
  constructor(options: OneShotOptions) {
    const { request, pipes, port, errorPort } = options;
    if (request.text.includes('\0'))
      throw new RemotingError('CommandNotText', 'A command cannot hold the NUL character');
    this.#options = options;
    this.#attempt = request.attempt ?? 0;
    this.client = options.client;
    const [stdin, stdout, stderr] = pipes.takeThree();
    this.#child = this.#spawn(stdin, stdout, stderr);
    this.#child.on('exit', (status, signal) => this.#onExit(status, signal));
    this.#stdin = new OneShotInput(request.channel, stdin.writeEnd, (frame) => this.#outputs[0]?.port?.send(frame));
    const onEnd = (): void => this.#endIfOver();
    this.#outputs = [
      new OneShotOutput({ port, readEnd: stdout.readEnd, limit: request.limit, onEnd }),
      new OneShotOutput({ port: errorPort, readEnd: stderr.readEnd, limit: request.limit, onEnd }),
    ];
  }

  /** Input below this offset has been written. */
  get inputReceived(): number {
    return this.#stdin.received;
  }

  /** What it was asked to run under. */
  get configurationName(): string | undefined {
    return this.#options.request.configurationName;
  }

  get isRunning(): boolean {
    return this.#ended === undefined;
  }

  /** What the channel's frames go to: this object for the first, the errors' acknowledgements for the second. */
  endOf(channel: number): ChannelEnd {
    if (channel === this.#options.request.channel) return this;
    return {
      onData: () => undefined,
      onEnd: () => undefined,
      onAck: (received, limit) => this.#outputs[1]?.onAck(received, limit),
      onLinkLost: (port) => this.onLinkLost(port),
    };
  }

  onData(offset: number, payload: Buffer): void {
    this.#stdin.onData(offset, payload);
  }

  onAck(received: number, limit: number): void {
    this.#outputs[0]?.onAck(received, limit);
  }

  onEnd(at: number): void {
    this.#stdin.onEnd(at);
  }

  onLinkLost(port: ChannelPort): void {
    const wasOurs = this.#outputs.filter((output) => output.onLinkLost(port)).length > 0;
    if (wasOurs && this.#ended === undefined) this.#forgetAfterGrace();
  }

  /**
   * Goes on with one of the two channels over another link.
   * @throws RemotingError ConnectionLost when a newer link has come first, ProtocolViolation for a channel it never had
   */
  resume(port: ChannelPort, at: ResumePoint): void {
    const output = this.#outputs.find(({ channel }) => channel === port.channel);
    if (output === undefined) throw new RemotingError('ProtocolViolation', `Channel ${port.channel} has no one-shot`);
    this.#attempt = nextAttempt(this.#attempt, at.attempt);
    if (this.#ended === undefined) clearTimeout(this.#grace);
    output.resume(port, at);
    if (output !== this.#outputs[0]) return;
    this.#stdin.restart();
    if (at.eventsTo === 0) setImmediate(() => this.#tellEnd());
  }

  /** Sends a signal to the process group. */
  signal(signal: 'INT' | 'TERM' | 'HUP' | 'KILL'): void {
    this.#kill(`SIG${signal}`);
  }

  /** Ends it at once: nobody waits for it. */
  async stop(): Promise<void> {
    clearTimeout(this.#grace);
    if (this.#exit === undefined) {
      await terminate((signal) => this.#kill(signal), this.#exited.promise, this.#options.settings);
    }
    this.#forget();
  }

  #spawn(stdin: Pipe, stdout: Pipe, stderr: Pipe): ChildProcess {
    const { env, cwd, request } = this.#options;
    const shell = loginShell(env);
    const theirs = [stdin.readEnd, stdout.writeEnd, stderr.writeEnd];
    try {
      using entries = stdioWithoutMasters(theirs);
      const child = spawn(shell, this.#arguments(request.text), { cwd, env, detached: true, stdio: entries.stdio });
      child.on('error', () => {
        // Said by the missing pid, or by kill(2) for a process that is just gone.
      });
      if (child.pid === undefined) throw notStarted(shell, { cwd, env });
      return child;
    } catch (error) {
      for (const ours of [stdin.writeEnd, stdout.readEnd, stderr.readEnd]) closeSync(ours);
      rmSync(this.#scriptFile, { force: true });
      throw error;
    } finally {
      for (const descriptor of theirs) closeSync(descriptor);
    }
  }

  #arguments(text: string): string[] {
    if (Buffer.byteLength(text) <= MAX_ARGUMENT_BYTES) return ['-c', text];
    writeFileSync(this.#scriptFile, text, { mode: 0o600, flag: 'wx' });
    return [this.#scriptFile];
  }

  get #scriptFile(): string {
    return join(this.#options.folder, `script-${this.attachmentId}`);
  }

  #onExit(status: number | null, signal: NodeJS.Signals | null): void {
    this.#exit = signal === null ? { status: status ?? 0 } : { status: 0, signal: constants.signals[signal] };
    this.#exited.resolve();
    rmSync(this.#scriptFile, { force: true });
    this.#endIfOver();
  }

  #endIfOver(): void {
    const [stdout, stderr] = this.#outputs;
    if (this.#exit === undefined || this.#ended !== undefined) return;
    if (stdout?.isAtEnd !== true || stderr?.isAtEnd !== true) return;
    this.#ended = { type: 'exec.ended', seq: 1, at: stdout.end, errorAt: stderr.end, ...this.#exit };
    this.#stdin.dispose();
    this.#options.onOver(this.#exit);
    this.#tellEnd();
    this.#forgetAfterGrace();
  }

  #tellEnd(): void {
    if (this.#ended !== undefined) this.#outputs[0]?.port?.sendEvent(this.#ended);
  }

  #forgetAfterGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => void this.stop(), this.#options.settings.graceMs);
  }

  #forget(): void {
    if (this.#ended === undefined) this.#options.onOver(this.#exit);
    this.#stdin.dispose();
    for (const output of this.#outputs) output.dispose();
    this.#options.onForgotten();
  }

  #kill(signal: NodeJS.Signals): void {
    // Behind its end, the number may be another group's.
    if (this.#child.pid === undefined || this.#ended !== undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // ESRCH: the whole group has ended.
    }
  }
}

/** Why a shell could not be started comes too late for an answer: it is asked for once more. */
function notStarted(shell: string, options: { cwd: string; env: Record<string, string> }): RemotingError {
  const { error: cause } = spawnSync(shell, ['-c', ':'], { ...options, stdio: 'ignore' });
  const reason = cause === undefined ? '' : `: ${cause.message}`;
  const message = `'${shell}' cannot be started in ${options.cwd}${reason}`;
  return new RemotingError('ProgramNotStarted', message, { target: shell, cause });
}
