import { MAX_COMMAND_BYTES, RemotingError, type CommandStreams, type SessionEvent } from '@holdfast/protocol';
import { CommandLog, type LogPiece, type StreamKind } from './command-log.ts';
import type { Command, CommandEnd } from './command-table.ts';
import { orStopped, type StopOptions } from './or-stopped.ts';
import type { SessionView } from './session-view.ts';
import type { RemoteCommandEnd } from './remote-command.ts';
import type { RemoteSession } from './remote-session.ts';
import { shellReady } from './shell-ready.ts';

/** What a text is run with in a session. */
export type SessionScript = CommandStreams & {
  readonly text: string;
  /** What the session's screen shows in its place, and before it. */
  readonly title?: string | undefined;
  readonly prompt?: string | undefined;
};

/** Takes bytes; a promise holds the command back until it resolves. */
type Sink = (bytes: Buffer) => void | Promise<void>;

/** Where the output goes. */
export type SessionRunOptions = StopOptions & {
  readonly onStdout: Sink;
  readonly onStderr: Sink;
  /** What the session's terminal printed meanwhile. */
  readonly onTerminal?: Sink | undefined;
  /** The command waits for somebody at the terminal; without this it fails. */
  readonly onAsked?: ((text: string) => void) | undefined;
};

/** How far the output of a command was handed on, for whoever goes on with it once the session is connected again. */
export type RunProgress = {
  /** Offset in the session's log; undefined before the command has begun. */
  position: number | undefined;
  readonly log: CommandLog;
};

/** That of a command which has not begun. */
export function newProgress(): RunProgress {
  return { position: undefined, log: new CommandLog('output') };
}

/**
 * Runs a text in a session's own shell, which keeps what it does to variables and the folder, and delivers what it
 * writes, like a one-shot. Aborting interrupts it; when that does not end it soon, it is left running.
 * @throws RemotingError as the host answers; TerminalNeeded; OperationStopped when the signal aborted,
 * CommandLeftRunning when it has not ended then
 */
export async function runInSession(
  session: RemoteSession,
  script: SessionScript,
  options: SessionRunOptions,
  progress: RunProgress = newProgress(),
): Promise<RemoteCommandEnd> {
  const { signal } = options;
  signal?.throwIfAborted();
  await shellReady(session, signal);
  const refusal = new AbortController();
  const onAsked = options.onAsked ?? ((text: string): void => refusal.abort(terminalNeeded(text, session)));
  const stop = signal === undefined ? refusal.signal : AbortSignal.any([signal, refusal.signal]);
  const output = new CommandOutput(session, { ...options, onAsked, signal: stop }, progress);
  await session.show(output, { after: session.info.outputEnd }, signal);
  try {
    const command = beginApart(session, script);
    output.command = command;
    const ended = Promise.race([endOf(command, output), output.failed]);
    const { status } = await orStopped(session, ended, { signal: stop, cancelTimeoutMs: options.cancelTimeoutMs });
    return { status };
  } catch (error) {
    throw refusal.signal.aborted && signal?.aborted !== true ? refusal.signal.reason : error;
  } finally {
    // Behind a link that is down it would be long in coming, and nobody waits for it.
    session.hide().catch(() => undefined);
  }
}

/**
 * Sends a text that runs apart from the session's terminal.
 * @throws RemotingError VersionMismatch for a session of an older build, CommandTooLong for its input
 */
export function beginApart(session: RemoteSession, script: SessionScript): Command {
  const { text, title, prompt, arguments: values, input } = script;
  const { name, streams } = session.info;
  if (streams !== true) {
    const message = `The session ${name} was made by an older build, which runs no blocks: enter it, or make a new session`;
    throw new RemotingError('VersionMismatch', message, { target: name });
  }
  const inputBytes = Buffer.byteLength(input ?? '');
  if (inputBytes > MAX_COMMAND_BYTES) {
    const message = `Standard input of ${inputBytes} bytes is over the limit of ${MAX_COMMAND_BYTES}: put it into a file`;
    throw new RemotingError('CommandTooLong', message);
  }
  return session.run(text, prompt, title, { arguments: values, input });
}

/** Nobody is there to answer what a command asks. */
export function terminalNeeded(text: string, { info }: RemoteSession): RemotingError {
  const what = text.trim() === '' ? 'waits for what is typed' : `asks: ${text.trim()}`;
  const message = `The command ${what}\nNobody can answer here: run it alone at a prompt of Holdfast, or enter the session`;
  return new RemotingError('TerminalNeeded', message, { target: info.name });
}

/** The command's end, once all that it wrote was used up, also where its session is lost. */
async function endOf(command: Command, output: CommandOutput): Promise<CommandEnd> {
  try {
    return await command.ended;
  } finally {
    await output.finish();
  }
}

/** Hands pieces on, each to its sink. @param onStatus told the exit status that the log has */
export async function handOn(
  pieces: readonly LogPiece[],
  { onStdout, onStderr, onTerminal, signal }: SessionRunOptions,
  onStatus?: (status: number) => void,
): Promise<void> {
  const sinks: Record<StreamKind, Sink | undefined> = { o: onStdout, e: onStderr, t: onTerminal };
  for (const piece of pieces) {
    if ('status' in piece) onStatus?.(piece.status);
    // The terminal shows the key that stops a command, which nobody has typed.
    else if (piece.kind !== 't' || signal?.aborted !== true) await sinks[piece.kind]?.(piece.bytes);
  }
}

/** The part of a session's output that a command wrote, handed on in its streams. */
class CommandOutput implements SessionView {
  readonly columns: number;
  readonly rows: number;
  readonly skipEcho = true;
  command: Command | undefined;
  /** Rejects with what a sink threw. */
  readonly failed: Promise<never>;
  readonly #options: SessionRunOptions;
  readonly #progress: RunProgress;
  readonly #failed = Promise.withResolvers<never>();
  #isRunning = false;
  #work: Promise<void> = Promise.resolve();

  constructor({ info }: RemoteSession, options: SessionRunOptions, progress: RunProgress) {
    this.#progress = progress;
    this.columns = info.columns;
    this.rows = info.rows;
    this.#options = options;
    this.failed = this.#failed.promise;
    this.failed.catch(() => undefined);
  }

  readonly onOutput = (bytes: Buffer, done: () => void): void => {
    if (!this.#isRunning) {
      done();
      return;
    }
    this.#progress.position = (this.#progress.position ?? 0) + bytes.length;
    this.#handOn(this.#progress.log.push(bytes), done);
  };

  /** Nothing is asked for that would begin with one. */
  readonly onSnapshot = (): void => undefined;

  readonly onEvent = (event: SessionEvent): void => {
    if (!('commandId' in event) || event.commandId !== this.command?.commandId) return;
    if (event.type === 'command.asked') this.#options.onAsked?.(event.text);
    else this.#isRunning = event.type === 'command.started';
    if (event.type === 'command.started') this.#progress.position = event.echoTo;
  };

  /** Resolves when all of it was used up. */
  async finish(): Promise<void> {
    this.#handOn(this.#progress.log.rest(false));
    await this.#work;
  }

  #handOn(pieces: readonly LogPiece[], done?: () => void): void {
    this.#work = this.#after(this.#work, pieces, done);
    this.#work.catch(this.#failed.reject);
  }

  async #after(before: Promise<void>, pieces: readonly LogPiece[], done: (() => void) | undefined): Promise<void> {
    await before;
    await handOn(pieces, this.#options);
    done?.();
  }
}
