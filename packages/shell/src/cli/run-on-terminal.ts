import { isatty } from 'node:tty';
import { connect } from '../client/connect.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import { quoteWord } from '../client/shell-words.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import { discardKeys } from '../terminal/discard-keys.ts';
import { ModeTracker } from '../terminal/mode-tracker.ts';
import { ProgramKeys } from '../terminal/program-keys.ts';
import { RawTerminal } from '../terminal/raw-terminal.ts';
import { resetSequence } from '../terminal/terminal-reset.ts';
import type { RunCommand } from './cli-command.ts';
import { signalStatus } from '../runtime/signal-status.ts';
import { runCommand } from './run-command.ts';
import { StopOnSignal } from './stop-on-signal.ts';

const CTRL_C = Buffer.from([0x03]);

/**
 * `run -t`: a command on a PTY of the host, with this terminal tied to it, byte for byte.
 * @returns its exit status, 128 + n for a signal
 * @throws RemotingError
 */
export async function runOnTerminal(command: RunCommand, questions: ConnectionQuestions): Promise<number> {
  const [host = 'localhost'] = command.hosts;
  if (!isatty(0) || !isatty(1)) {
    process.stderr.write('holdfast: this is no terminal, so the command runs without one\n');
    return runCommand(command, questions);
  }
  using stop = new StopOnSignal();
  const connection = await connect(host, { ...questions, signal: stop.signal });
  const terminal = new RawTerminal();
  const modes = new ModeTracker();
  try {
    const { columns, rows } = terminal;
    const session = await connection.openSession({ columns, rows, temporary: true });
    const ended = tie({ terminal, modes }, session, command.text);
    const status = await Promise.race([ended, endWithoutTerminal(terminal, stop.signal)]);
    // It may have ended with its command.
    await session.stop().catch(() => undefined);
    return stop.status(status);
  } finally {
    if (!modes.isPlain) terminal.write(resetSequence(modes, terminal.columns));
    terminal.stop();
    connection.close();
  }
}

type Tied = { readonly terminal: RawTerminal; readonly modes: ModeTracker };

/** Runs the text in the session with the terminal tied to it; gives the status of the command, or of the shell if that ended. */
async function tie({ terminal, modes }: Tied, session: RemoteSession, text: string): Promise<number> {
  const exited = Promise.withResolvers<number>();
  session.onEvent((event) => {
    if (event.type !== 'session.exited') return;
    exited.resolve(event.signal === undefined ? event.status : 128 + event.signal);
  });
  terminal.onResize((columns, rows) => session.resize(columns, rows));
  terminal.start();
  const keys = new ProgramKeys({
    terminal,
    program: {
      write: (bytes) => session.write(bytes),
      // Refused when the session has ended meanwhile, which its end says.
      interrupt: () => void session.interrupt().catch(() => undefined),
      full: () => session.inputFull(),
    },
    split: (bytes) => [bytes.equals(CTRL_C) ? { kind: 'interrupt' } : { kind: 'bytes', bytes }],
    onRefused: () => terminal.write('\x07'),
  });
  keys.begin();
  const { columns, rows } = terminal;
  const shown = session.show(
    {
      columns,
      rows,
      skipEcho: true,
      isTerminal: true,
      onOutput: (bytes, done) => {
        modes.feed(bytes);
        terminal.write(bytes, done);
      },
      onSnapshot: (bytes) => {
        modes.feed(bytes);
        terminal.write(bytes);
      },
      onEvent: () => {},
    },
    'start',
  );
  // In the shell's place, as with ssh -t: under a shell with job control Ctrl-Z would stop the program, and nobody could
  // continue it; alone on its terminal it cannot be stopped (setpgid(2), orphaned process groups).
  const run = session.run(`exec "$BASH" -c ${quoteWord(text)}`);
  try {
    await shown;
    return await Promise.race([run.ended.then(({ status }) => status), exited.promise]);
  } catch (error) {
    // Typed for the session that was lost, not for the shell that this was started from.
    await discardKeys(terminal);
    throw error;
  }
}

/** The status when the terminal went away, or a signal came. */
async function endWithoutTerminal(terminal: RawTerminal, signal: AbortSignal): Promise<number> {
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stopped.resolve(), { once: true });
  if (signal.aborted) stopped.resolve();
  await Promise.race([terminal.gone, stopped.promise]);
  return signalStatus('SIGHUP');
}
