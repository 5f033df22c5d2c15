import { isatty } from 'node:tty';
import { connect } from '../client/connect.ts';
import type { RemoteSession } from '../client/remote-session.ts';
import { quoteWord } from '../client/shell-words.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import { discardKeys } from '../terminal/discard-keys.ts';
import { ModeTracker } from '../terminal/mode-tracker.ts';
import { ProgramKeys } from '../terminal/program-keys.ts';
import { RawTerminal } from '../terminal/raw-terminal.ts';
import { freshLine, resetSequence } from '../terminal/terminal-reset.ts';
import { lostLines } from '../ui/pending-line.ts';
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
  const tied: Tied = { terminal, modes: new ModeTracker() };
  try {
    const { columns, rows } = terminal;
    const session = await connection.openSession({ columns, rows, temporary: true });
    const ended = tie(tied, session, command.text);
    const over = Promise.race([ended, endWithoutTerminal(terminal, stop.signal)]);
    const status = await over.catch(async (error: unknown) => {
      await tellLost(tied, session, host);
      throw error;
    });
    // It may have ended with its command.
    await session.stop().catch(() => undefined);
    return stop.status(status);
  } finally {
    reset(tied);
    terminal.stop();
    connection.close();
  }
}

/** The terminal, and what the output did to its modes since they were last put back. */
type Tied = { readonly terminal: RawTerminal; modes: ModeTracker };

function reset(tied: Tied): void {
  const { terminal, modes } = tied;
  if (modes.isPlain) return;
  terminal.write(resetSequence(modes, terminal.columns));
  tied.modes = new ModeTracker();
}

/** What was typed for the session that was lost goes to nobody, not to the shell that this was started from; and that is said. */
async function tellLost(tied: Tied, session: RemoteSession, host: string): Promise<void> {
  const { terminal, modes } = tied;
  const { columns } = terminal;
  reset(tied);
  if (!modes.atLineStart) terminal.write(freshLine(columns));
  const say = (lines: string): void => terminal.write(lines.replaceAll('\n', '\r\n'));
  say(lostLines(`Not confirmed by ${host}, and sent to nobody else`, session, columns));
  const typed = { unsentLines: [], unsentInput: await discardKeys(terminal), echo: session.echo };
  say(lostLines('What was typed since was not sent to anything', typed, columns));
}

/** Runs the text in the session with the terminal tied to it; gives the status of the command, or of the shell if that ended. */
async function tie(tied: Tied, session: RemoteSession, text: string): Promise<number> {
  const { terminal } = tied;
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
        tied.modes.feed(bytes);
        terminal.write(bytes, done);
      },
      onSnapshot: (bytes) => {
        tied.modes.feed(bytes);
        terminal.write(bytes);
      },
      onEvent: () => {},
    },
    'start',
  );
  // In the shell's place, as with ssh -t: under a shell with job control Ctrl-Z would stop the program, and nobody could
  // continue it; alone on its terminal it cannot be stopped (setpgid(2), orphaned process groups).
  const run = session.run(`exec "$BASH" -c ${quoteWord(text)}`);
  await shown;
  return Promise.race([run.ended.then(({ status }) => status), exited.promise]);
}

/** The status when the terminal went away, or a signal came. */
async function endWithoutTerminal(terminal: RawTerminal, signal: AbortSignal): Promise<number> {
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stopped.resolve(), { once: true });
  if (signal.aborted) stopped.resolve();
  await Promise.race([terminal.gone, stopped.promise]);
  return signalStatus('SIGHUP');
}
