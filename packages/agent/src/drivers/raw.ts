import { RemotingError } from '@holdfast/protocol';
import { Pty } from '../terminal/pty.ts';
import type { Driver, StartOptions } from './driver.ts';

const NO_KEYS = Buffer.alloc(0);

/**
 * Starts any program on a PTY. It takes keys only, and is announced as ready on the next turn of the loop.
 * @throws RemotingError ProgramNotStarted
 */
export function startRaw(options: StartOptions & { file: string; args: readonly string[] }): Driver {
  const { listeners, onWritten } = options;
  let over = false;
  const pty = Pty.spawn({
    file: options.file,
    args: options.args,
    env: options.env,
    cwd: options.cwd,
    columns: options.columns,
    rows: options.rows,
    endSilenceMs: options.endSilenceMs,
    sttyMs: options.sttyMs,
    onData: listeners.onOutput,
    onExit: (exit) => {
      over = true;
      listeners.onExit(exit);
    },
    ...(onWritten && { onWritten }),
  });
  setImmediate(() => {
    if (!over) listeners.onReady({ cwd: options.cwd, typeahead: NO_KEYS, jobs: 0, driver: 'raw' });
  });
  return {
    name: 'raw',
    pty,
    idle: false,
    run: () => {
      throw noCommands();
    },
    write: (bytes, by) => pty.write(bytes, by),
    complete: () => Promise.reject(noCommands()),
    dispose: () => {
      over = true;
      pty.dispose();
    },
  };
}

/** The refusal of a session that is a terminal only. */
export function noCommands(): RemotingError {
  return new RemotingError('SessionBusy', 'This session is a plain terminal and takes keys, not commands');
}
