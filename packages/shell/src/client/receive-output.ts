import { RemotingError, type SessionEvent } from '@holdfast/protocol';
import { CommandLog, type LogPiece } from './command-log.ts';
import { orStopped } from './or-stopped.ts';
import type { SessionView } from './session-view.ts';
import type { RemoteSession } from './remote-session.ts';
import { handOn, terminalNeeded, type RunProgress, type SessionRunOptions } from './run-in-session.ts';

/** What is received: the output behind an offset of the session's log. */
export type ReceiveOptions = SessionRunOptions & {
  readonly after: number;
  /** Where a command of this client was left; without it the log says what is output. */
  readonly progress?: RunProgress;
};

/**
 * Delivers what commands wrote in a session: what its log has, then what the command writes that runs now, to its end.
 * Aborting interrupts that command.
 * @returns the exit status of the last command that ended, if one did
 * @throws RemotingError OperationStopped when the signal aborted; TerminalNeeded, and the command goes on waiting; or as
 * the session was lost
 */
export async function receiveOutput(session: RemoteSession, options: ReceiveOptions): Promise<number | undefined> {
  const { after, signal, progress } = options;
  signal?.throwIfAborted();
  const output = new LoggedOutput(session, options);
  const lost = Promise.withResolvers<never>();
  const unlisten = session.onState((_state, { error, reason }) => {
    void output.settled().then(() => lost.reject(error ?? new RemotingError('SessionExited', reason)));
  });
  try {
    const { from } = await session.show(output, { after: progress?.position ?? after }, signal);
    output.begin(from);
    await orStopped(session, Promise.race([output.ended, lost.promise]), options);
    return output.status;
  } finally {
    unlisten();
    lost.promise.catch(() => undefined);
    session.hide().catch(() => undefined);
  }
}

class LoggedOutput implements SessionView {
  readonly columns: number;
  readonly rows: number;
  readonly skipEcho = false;
  /** Resolves when everything was handed on; rejects with what a sink threw. */
  readonly ended: Promise<void>;
  /** Of the last command that ended. */
  status: number | undefined;
  readonly #session: RemoteSession;
  readonly #options: ReceiveOptions;
  readonly #log: CommandLog;
  readonly #ended = Promise.withResolvers<void>();
  #position = 0;
  /** What came before it was known where it began. */
  #early = 0;
  /** Where what was there at the beginning ends, and the command that runs on then. */
  #until: { offset: number; commandId: string | undefined } | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(session: RemoteSession, options: ReceiveOptions) {
    const { info } = session;
    this.columns = info.columns;
    this.rows = info.rows;
    this.ended = this.#ended.promise;
    this.ended.catch(() => undefined);
    this.#session = session;
    this.#options = options;
    const { progress, after } = options;
    this.#log = progress?.log ?? new CommandLog(after === 0 ? 'outside' : 'unknown');
  }

  /** The delivery begins at an offset; the session's state is that of the same moment. */
  begin(from: number): void {
    const { outputEnd, command } = this.#session.info;
    this.#position = from + this.#early;
    this.#until = { offset: outputEnd, commandId: command?.commandId };
    if (command?.asks !== undefined) this.#onAsked(command.asks);
    this.#endIfRead();
  }

  /** Resolves when what has come was handed on. */
  async settled(): Promise<void> {
    await this.#work.catch(() => undefined);
  }

  readonly onOutput = (bytes: Buffer, done: () => void): void => {
    if (this.#until === undefined) this.#early += bytes.length;
    this.#position += bytes.length;
    const { progress } = this.#options;
    if (progress !== undefined) progress.position = (progress.position ?? 0) + bytes.length;
    this.#handOn(this.#log.push(bytes), done);
    this.#endIfRead();
  };

  /** Nothing is asked for that would begin with one. */
  readonly onSnapshot = (): void => undefined;

  readonly onEvent = (event: SessionEvent): void => {
    if (event.type === 'output.dropped') {
      this.#position = Math.max(this.#position, event.to);
      this.#log.skip();
    }
    if (event.type === 'command.asked' && event.commandId === this.#until?.commandId) this.#onAsked(event.text);
    if (event.type === 'command.ended' && event.commandId === this.#until?.commandId) {
      this.status = event.status;
      this.#handOn(this.#log.rest(false));
      this.#end();
    }
    this.#endIfRead();
  };

  #endIfRead(): void {
    if (this.#until === undefined || this.#position < this.#until.offset) return;
    const isRunning = this.#until.commandId !== undefined;
    this.#handOn(this.#log.rest(isRunning));
    if (!isRunning) this.#end();
  }

  #end(): void {
    this.#work.then(this.#ended.resolve, this.#ended.reject);
  }

  #onAsked(text: string): void {
    const { onAsked } = this.#options;
    if (onAsked !== undefined) onAsked(text);
    else this.#work.then(() => this.#ended.reject(terminalNeeded(text, this.#session)), this.#ended.reject);
  }

  #handOn(pieces: readonly LogPiece[], done?: () => void): void {
    this.#work = this.#after(this.#work, pieces, done);
    this.#work.catch(this.#ended.reject);
  }

  async #after(before: Promise<void>, pieces: readonly LogPiece[], done: (() => void) | undefined): Promise<void> {
    await before;
    await handOn(pieces, this.#options, (status) => {
      this.status = status;
    });
    done?.();
  }
}
