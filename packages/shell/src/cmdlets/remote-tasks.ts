import { randomUUID } from 'node:crypto';
import { RemotingError, type ErrorId } from '@holdfast/protocol';
import type { ConnectionWishes } from '../client/connection-wishes.ts';
import { CommandLeftRunning } from '../client/or-stopped.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { RemoteCommandEnd } from '../client/remote-command.ts';
import type { Remoting } from '../client/remoting.ts';
import { receiveOutput } from '../client/receive-output.ts';
import { newProgress, runInSession, type SessionRunOptions } from '../client/run-in-session.ts';
import type { JobTask, RemoteSink, TaskEnd } from '../runtime/child-job.ts';
import { defined } from '../runtime/defined.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import type { Host } from '../runtime/host.ts';
import { LineCutter } from '../runtime/line-cutter.ts';
import { RemoteText, type RemoteOrigin } from '../runtime/remote-text.ts';
import { openFailed } from './connection-failure.ts';
import { targetOf, wishesFor, type Destination } from './destination.ts';
import { ReceivedLimits } from './received-limits.ts';
import { oneShotText, sessionScript, type RemoteScript } from './remote-script.ts';
import { busySession, closedSession } from './session-refusals.ts';
import { ReplayFilter } from '../terminal/replay-filter.ts';
import { TaskTerminal } from './task-terminal.ts';

/** How the results of several targets are told apart. */
export type Labels = Pick<RemoteOrigin, 'showComputerName' | 'amongOthers'>;

export type Work = {
  readonly script: RemoteScript;
  readonly remoting: Remoting;
  readonly labels: Labels;
  /** Somebody looks on while it is done; a job has nobody. */
  readonly host?: Host | undefined;
};

/** A one-shot fails so where a session would not be opened. */
const NOT_OPENED: ReadonlySet<ErrorId> = new Set(['ConfigurationNotFound', 'SessionLimitReached']);

/** A script in a one-shot login shell on a host. */
export function hostTask(
  to: Destination,
  { wishes, configurationName }: { wishes: ConnectionWishes; configurationName: string | undefined },
  { script, remoting, labels }: Work,
): JobTask {
  const { computerName } = to;
  const origin = { computerName, runspaceId: randomUUID(), ...labels };
  const explain = (error: unknown): ErrorRecord => openFailed({ computerName, configurationName }, error);
  return {
    computerName,
    run: async (sink, signal) => {
      const target = (): string => targetOf(to, remoting.destinations);
      const opening = (async () => remoting.connection(target(), signal, wishesFor(to, wishes)))();
      const connection = await opening.catch((error: unknown) => explain(error));
      signal.throwIfAborted();
      if (connection instanceof ErrorRecord) return fail(sink, connection);
      const { cancelTimeoutMs } = wishes;
      const run = (options: SessionRunOptions): Promise<RemoteCommandEnd> =>
        connection.run(oneShotText(script), {
          ...options,
          ...defined({ configurationName, cancelTimeoutMs }),
          stdin: inputOf(script),
        });
      const limits = new ReceivedLimits(computerName, wishes);
      return deliver(run, { origin, sink, signal, limits, cutters: newCutters() }, (error) =>
        error instanceof RemotingError && NOT_OPENED.has(error.id) ? explain(error) : named(error, origin),
      );
    },
  };
}

/** A script in the live shell of a session; run again, it goes on where the session was disconnected. */
export function sessionTask(session: PSSession, { script, labels, host }: Work): JobTask {
  const { ComputerName: computerName, InstanceId: instanceId } = session;
  const origin = { computerName, runspaceId: instanceId, ...labels };
  const progress = newProgress();
  const cutters = newCutters();
  const limits = new ReceivedLimits(computerName, session.wishes);
  return {
    computerName,
    instanceId,
    run: async (sink, signal) => {
      const { remote } = session;
      if (remote === undefined) return fail(sink, closedSession(session));
      const isBegun = progress.position !== undefined;
      if (!isBegun && session.Availability !== 'Available') return fail(sink, busyPipeline());
      using _ = session.borrow();
      // What goes on behind a disconnection is a job.
      using terminal = new TaskTerminal(isBegun ? undefined : host, remote, !labels.amongOthers);
      const { onAsked } = terminal;
      const onTerminal = limits.terminal(terminal.onTerminal);
      const run = async (sinks: SessionRunOptions): Promise<RemoteCommandEnd> => {
        const { cancelTimeoutMs } = session.wishes;
        const options = { ...sinks, cancelTimeoutMs, onTerminal, onAsked: onAsked && inTurn(sinks.onAsked, onAsked) };
        if (isBegun) return { status: (await receiveOutput(remote, { ...options, after: 0, progress })) ?? 0 };
        return runInSession(remote, sessionScript(script, session, host?.sessionPrompt), options, progress);
      };
      const explain = explainIn(session, origin, () => progress.position !== undefined);
      return await deliver(run, { origin, sink, signal, limits, cutters }, explain);
    },
  };
}

/** What commands wrote in a session and nobody was given, and what the one writes that runs there. */
export function receiveTask(session: PSSession, after: number, host?: Host): JobTask {
  const { ComputerName: computerName, InstanceId: instanceId } = session;
  const origin = { computerName, runspaceId: instanceId, showComputerName: true, amongOthers: false };
  return {
    computerName,
    instanceId,
    run: async (sink, signal) => {
      const { remote } = session;
      if (remote === undefined) return fail(sink, closedSession(session));
      using _ = session.borrow();
      using terminal = new TaskTerminal(host, remote, true);
      const { onAsked } = terminal;
      const limits = new ReceivedLimits(computerName, session.wishes);
      // What was written before must not ring, type or change the clipboard of the terminal that shows it now.
      const isShown = Number.isFinite(host?.columns ?? Infinity);
      const fit = <Result>(sink: (bytes: Buffer) => Result): ((bytes: Buffer) => Result) => {
        const filter = new ReplayFilter();
        return isShown ? (bytes) => sink(filter.push(bytes)) : sink;
      };
      const taken = limits.terminal(terminal.onTerminal);
      const onTerminal = taken && fit(taken);
      const run = async (options: SessionRunOptions): Promise<RemoteCommandEnd> => ({
        status:
          (await receiveOutput(remote, {
            ...options,
            onStdout: fit(options.onStdout),
            onStderr: fit(options.onStderr),
            cancelTimeoutMs: session.wishes.cancelTimeoutMs,
            onTerminal,
            onAsked: onAsked && inTurn(options.onAsked, onAsked),
            after,
          })) ?? 0,
      });
      const how = { origin, sink, signal, limits, cutters: newCutters() };
      return await deliver(run, how, explainIn(session, origin));
    },
  };
}

type OnAsked = NonNullable<SessionRunOptions['onAsked']>;

function inTurn(first: OnAsked | undefined, second: OnAsked): OnAsked {
  return (text) => {
    first?.(text);
    second(text);
  };
}

function busyPipeline(): ErrorRecord {
  const message =
    'The pipeline was not run because a pipeline is already running. Pipelines cannot be run concurrently.';
  return new ErrorRecord('RemotePipelineExecutionFailed', 'InvalidOperation', message);
}

/** @param goesOn whether the command has begun, and so goes on where its session is only disconnected */
function explainIn(session: PSSession, origin: RemoteOrigin, goesOn = (): boolean => true): Explain {
  return (error) => {
    const isBusy = error instanceof RemotingError && error.id === 'SessionBusy';
    const record = isBusy ? busySession(session) : named(error, origin);
    return session.State === 'Disconnected' && goesOn() ? { disconnected: record } : record;
  };
}

async function* inputOf({ input = '' }: RemoteScript): AsyncGenerator<Uint8Array> {
  yield Buffer.from(input);
}

/** Cut the streams into lines; a line may go on behind a disconnection. */
type Cutters = { readonly stdout: LineCutter; readonly stderr: LineCutter };

function newCutters(): Cutters {
  return { stdout: new LineCutter(), stderr: new LineCutter() };
}

type Delivery = {
  readonly origin: RemoteOrigin;
  readonly sink: RemoteSink;
  readonly signal: AbortSignal;
  readonly limits: ReceivedLimits;
  readonly cutters: Cutters;
};

type Explain = (error: unknown) => ErrorRecord | { readonly disconnected: ErrorRecord };

/**
 * Hands the lines of both streams to the sink; each line of errors is a record, and so is a status other than 0. A command
 * that writes more than is taken is stopped.
 */
async function deliver(
  run: (options: SessionRunOptions) => Promise<RemoteCommandEnd>,
  { origin, sink, signal, limits, cutters: { stdout, stderr } }: Delivery,
  explain: Explain,
): Promise<TaskEnd> {
  const lines = async (texts: readonly string[]): Promise<void> => {
    if (texts.length > 0) await sink.lines(texts.map((text) => new RemoteText(text, origin)));
  };
  const errors = async (texts: readonly string[]): Promise<void> => {
    for (const text of texts) await sink.error(remoteError('NativeCommandErrorMessage', text, origin));
  };
  const tooMuch = new AbortController();
  const take = async (stream: 'stdout' | 'stderr', bytes: Buffer): Promise<void> => {
    if (!limits.takes(stream, bytes)) tooMuch.abort();
    else await (stream === 'stdout' ? lines(stdout.push(bytes)) : errors(stderr.push(bytes)));
  };
  try {
    const end = await run({
      onStdout: (bytes) => take('stdout', bytes),
      onStderr: (bytes) => take('stderr', bytes),
      // The question may be a line without an end, as that of bash's read -p is.
      onAsked: () => void lines(stdout.rest()).then(() => errors(stderr.rest())),
      signal: AbortSignal.any([signal, tooMuch.signal]),
    });
    if (limits.exceeded !== undefined) return await fail(sink, limits.exceeded);
    await lines(stdout.rest());
    await errors(stderr.rest());
    const status = end.signal === undefined ? end.status : 128 + end.signal;
    sink.status(status);
    if (status === 0) return 'Completed';
    await sink.error(remoteError('NativeCommandFailed', `The command ended with exit status ${status}`, origin));
    return 'Failed';
  } catch (error) {
    if (signal.aborted && error instanceof CommandLeftRunning) await sink.error(named(error, origin));
    signal.throwIfAborted();
    const told = limits.exceeded ?? explain(error);
    return told instanceof ErrorRecord ? fail(sink, told) : told;
  }
}

async function fail(sink: RemoteSink, record: ErrorRecord): Promise<'Failed'> {
  await sink.error(record);
  return 'Failed';
}

/** An error that the host tells, under its name where there are several. */
function remoteError(
  id: string,
  text: string,
  { computerName, amongOthers, showComputerName }: RemoteOrigin,
): ErrorRecord {
  const message = amongOthers && showComputerName ? `[${computerName}] ${text}` : text;
  const record = new ErrorRecord(id, 'InvalidOperation', message, { target: computerName });
  record.cmdlet = '';
  return record;
}

/** What went wrong between here and the host. */
function named(error: unknown, { computerName }: RemoteOrigin): ErrorRecord {
  const { id, category, message } = ErrorRecord.from(error);
  const record = new ErrorRecord(id, category, `[${computerName}] ${message}`, { target: computerName, cause: error });
  record.cmdlet = '';
  return record;
}
