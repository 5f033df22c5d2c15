import { spawn } from 'node:child_process';
import { loginShell } from '../client/login-shell.ts';
import { signalStatus } from '../runtime/signal-status.ts';

/** Exit status of a program that could not be started, as shells give it. */
const NOT_FOUND = 127;

/** Runs text in the user's shell with our own standard streams, no terminal of its own; gives its status, 128 + n for a signal. */
export function runLocal(text: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const shell = loginShell();
  const child = spawn(shell, ['-c', text], { stdio: 'inherit' });
  // The terminal sends Ctrl+C to the child as well; we stay to give its status.
  const ignore = (): void => {};
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', ignore).on('SIGQUIT', ignore).on('SIGTERM', forward).on('SIGHUP', forward);
  child.on('error', (error) => {
    process.stderr.write(`holdfast: ${shell} cannot be started: ${error.message}\n`);
    resolve(NOT_FOUND);
  });
  child.on('exit', (status, signal) => resolve(status ?? signalStatus(signal ?? 'SIGHUP')));
  return promise.finally(() => {
    process.off('SIGINT', ignore).off('SIGQUIT', ignore).off('SIGTERM', forward).off('SIGHUP', forward);
  });
}
