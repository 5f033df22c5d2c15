import { isatty } from 'node:tty';
import { connect } from '../client/connect.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import { EscapeKey } from '../terminal/escape-key.ts';
import { PassThrough } from '../terminal/pass-through.ts';
import { RawTerminal } from '../terminal/raw-terminal.ts';
import type { RunCommand } from './cli-command.ts';
import { runCommand } from './run-command.ts';
import { signalStatus } from './exit-status.ts';
import { StopOnSignal } from './stop-on-signal.ts';

/** How a command on a terminal ended. */
type End = { readonly status: number };

/**
 * `run -t`: a command on a PTY of the host, with this terminal tied to it.
 * @returns its exit status, 128 + n for a signal
 * @throws RemotingError
 */
export async function runOnTerminal(command: RunCommand, questions: ConnectionQuestions): Promise<number> {
  const {
    hosts: [host = 'localhost'],
    text,
  } = command;
  if (!isatty(0) || !isatty(1)) {
    process.stderr.write('holdfast: this is no terminal, so the command runs without one\n');
    return runCommand(command, questions);
  }
  using stop = new StopOnSignal();
  const terminal = new RawTerminal();
  const { columns, rows } = terminal;
  const connection = await connect(host, { ...questions, signal: stop.signal });
  const session = await connection.openSession({ columns, rows, temporary: true });
  const escapeKey = new EscapeKey();
  const tie = new PassThrough({
    terminal,
    escapeKey,
    program: { write: (bytes) => session.write(bytes), interrupt: () => session.write(Buffer.from([0x03])) },
    // There is no prompt to go back to, so the key is the program's like any other.
    onEscape: () => {
      session.write(escapeKey.bytes);
      tie.begin();
    },
  });
  const ended = endOf(session, text);
  const stopListening = terminal.onResize((width, height) => session.resize(width, height));
  terminal.start();
  tie.begin();
  try {
    await session.show({
      columns,
      rows,
      skipEcho: true,
      onOutput: (bytes, done) => tie.output(bytes, done),
      onSnapshot: (bytes) => tie.output(bytes),
      onEvent: () => {},
    });
    const { status } = await Promise.race([ended, endWithoutTerminal(terminal, stop.signal)]);
    return stop.status(status);
  } finally {
    tie.end();
    stopListening();
    terminal.stop();
    // It may have ended with its command.
    await session.stop().catch(() => undefined);
    connection.close();
  }
}

/** The end when the terminal went away, or a signal came. */
async function endWithoutTerminal(terminal: RawTerminal, signal: AbortSignal): Promise<End> {
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stopped.resolve(), { once: true });
  if (signal.aborted) stopped.resolve();
  await Promise.race([terminal.gone, stopped.promise]);
  return { status: signalStatus('SIGHUP') };
}

/** Runs the text; ends with the command, or with the shell when the command ends that. */
async function endOf(session: RemoteSession, text: string): Promise<End> {
  const exited = Promise.withResolvers<End>();
  session.onEvent((event) => {
    if (event.type === 'session.exited') {
      exited.resolve({ status: event.signal === undefined ? event.status : 128 + event.signal });
    }
  });
  return Promise.race([session.run(text).ended, exited.promise]);
}
