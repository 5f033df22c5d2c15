import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError, type SessionEvent } from '@holdfast/protocol';
import { CLIENT_SETTINGS } from './client-settings.ts';
import type { Command, CommandEnd } from './command-table.ts';
import type { SessionView } from './output-delivery.ts';
import type { RemoteCommandEnd, RemoteCommandOptions } from './remote-command.ts';
import type { RemoteSession } from './remote-session.ts';
import { shellReady } from './shell-ready.ts';
import { sessionScript, StreamSplitter, type SessionScript, type StreamPiece } from './session-streams.ts';

/** Where the output goes; a promise holds the command back until it resolves. */
export type SessionRunOptions = Pick<RemoteCommandOptions, 'onStdout' | 'onStderr' | 'signal'>;

/** How far the output of a command was handed on, for whoever goes on with it once the session is connected again. */
export type RunProgress = {
  /** Offset in the session's log; undefined before the command has begun. */
  position: number | undefined;
  readonly splitter: StreamSplitter;
};

/**
 * Runs a text in a session's own shell, which keeps what it does to variables and the folder, and delivers what it
 * writes, like a one-shot. Aborting interrupts it; when that does not end it soon, it is left running.
 * @throws RemotingError as the host answers; OperationStopped when the signal aborted
 */
export async function runInSession(
  session: RemoteSession,
  script: SessionScript,
  { signal, ...sinks }: SessionRunOptions,
  progress: RunProgress = { position: undefined, splitter: new StreamSplitter() },
): Promise<RemoteCommandEnd> {
  signal?.throwIfAborted();
  await shellReady(session, signal);
  const output = new CommandOutput(session, sinks, progress);
  await session.show(output, { after: session.info.outputEnd }, signal);
  try {
    const command = session.run(sessionScript(script), undefined, script.title);
    output.command = command;
    const ended = Promise.race([endOf(command, output), output.failed]);
    const { status } = await orStopped(session, ended, signal);
    return { status };
  } finally {
    // Behind a link that is down it would be long in coming, and nobody waits for it.
    session.hide().catch(() => undefined);
  }
}

/** The command's end, once all that it wrote was used up, also where its session is lost. */
async function endOf(command: Command, output: CommandOutput): Promise<CommandEnd> {
  try {
    return await command.ended;
  } finally {
    await output.finish();
  }
}

/** @throws RemotingError OperationStopped when the signal aborts, once the work has ended or has had time to */
export async function orStopped<T>(
  session: RemoteSession,
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => {
    session.interrupt().catch(() => undefined);
    const ended = work.catch(() => undefined);
    const error = new RemotingError('OperationStopped', 'The command was stopped');
    void Promise.race([ended, delay(CLIENT_SETTINGS.killAfterMs, undefined, { ref: false })]).then(() =>
      stopped.reject(error),
    );
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await Promise.race([work, stopped.promise]);
    return signal?.aborted === true ? await stopped.promise : result;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The part of a session's output that a command wrote, handed on in its two streams. */
class CommandOutput implements SessionView {
  readonly columns: number;
  readonly rows: number;
  readonly skipEcho = true;
  command: Command | undefined;
  /** Rejects with what a sink threw. */
  readonly failed: Promise<never>;
  readonly #sinks: Omit<SessionRunOptions, 'signal'>;
  readonly #progress: RunProgress;
  readonly #failed = Promise.withResolvers<never>();
  #isRunning = false;
  #work: Promise<void> = Promise.resolve();

  constructor({ info }: RemoteSession, sinks: Omit<SessionRunOptions, 'signal'>, progress: RunProgress) {
    this.#progress = progress;
    this.columns = info.columns;
    this.rows = info.rows;
    this.#sinks = sinks;
    this.failed = this.#failed.promise;
    this.failed.catch(() => undefined);
  }

  readonly onOutput = (bytes: Buffer, done: () => void): void => {
    if (!this.#isRunning) {
      done();
      return;
    }
    this.#progress.position = (this.#progress.position ?? 0) + bytes.length;
    this.#handOn(this.#progress.splitter.push(bytes), done);
  };

  /** Nothing is asked for that would begin with one. */
  readonly onSnapshot = (): void => undefined;

  readonly onEvent = (event: SessionEvent): void => {
    if (!('commandId' in event) || event.commandId !== this.command?.commandId) return;
    this.#isRunning = event.type === 'command.started';
    if (event.type === 'command.started') this.#progress.position = event.echoTo;
  };

  /** Resolves when all of it was used up. */
  async finish(): Promise<void> {
    this.#handOn(this.#progress.splitter.rest());
    await this.#work;
  }

  #handOn(pieces: readonly StreamPiece[], done?: () => void): void {
    this.#work = this.#after(this.#work, pieces, done);
    this.#work.catch(this.#failed.reject);
  }

  async #after(before: Promise<void>, pieces: readonly StreamPiece[], done: (() => void) | undefined): Promise<void> {
    await before;
    for (const { isError, bytes } of pieces) await this.#sinks[isError ? 'onStderr' : 'onStdout'](bytes);
    done?.();
  }
}
