import { RemotingError, type RequestOf } from '@holdfast/protocol';
import type { OneShot } from '../session/one-shot.ts';
import type { Session } from '../session/session.ts';
import type { SessionConfiguration } from '../session/session-configuration.ts';
import { loginShell } from '../session/session-environment.ts';
import type { ClientConnection } from './client-connection.ts';

/** A string of a program's environment and its name can be no longer (MAX_ARG_STRLEN of execve(2)). */
const MAX_VARIABLE_BYTES = 128 * 1024 - 64;

/** Which key with which command of its own started something; what others started is not in it. */
const starters = new WeakMap<Session | OneShot, string>();

/** Whether a client may have to do with something: one whose key has a command of its own, only with what that key started by it. */
export function isReachable(client: ClientConnection, started: Session | OneShot): boolean {
  const own = starterOf(client);
  return own === undefined || own === starters.get(started);
}

/** Notes who started something, the first time. */
export function noteStarter(client: ClientConnection, started: Session | OneShot): void {
  const own = starterOf(client);
  if (own !== undefined) starters.set(started, own);
}

/**
 * What a client that asks again had started, if there is anything.
 * @throws RemotingError AccessDenied when it was started under another key or command
 */
export function startedBefore<T extends Session | OneShot>(
  client: ClientConnection,
  started: T | undefined,
): T | undefined {
  if (started === undefined || isReachable(client, started)) return started;
  throw new RemotingError('AccessDenied', 'This was started with another key');
}

/** What a session of this client runs: its key's own command by the login shell, whatever the configuration has. */
export function configurationFor(
  { caller }: ClientConnection,
  configuration: SessionConfiguration,
): SessionConfiguration {
  const command = caller.restrictions?.command;
  return command === undefined ? configuration : { ...configuration, program: loginShell({}), args: ['-c', command] };
}

/**
 * The one-shot that a client gets: its key's own command, in the home folder, which is told what was asked.
 * @throws RemotingError CommandNotText or CommandTooLong for a text that cannot be told
 */
export function execFor(
  { caller }: ClientConnection,
  asked: RequestOf<'exec.start'>,
): RequestOf<'exec.start'> & { originalCommand?: string | undefined } {
  const command = caller.restrictions?.command;
  if (command === undefined) return asked;
  const { text: originalCommand, cwd: _cwd, ...rest } = asked;
  if (originalCommand.includes('\0'))
    throw new RemotingError('CommandNotText', 'A command cannot hold the NUL character');
  if (Buffer.byteLength(originalCommand) > MAX_VARIABLE_BYTES)
    throw new RemotingError(
      'CommandTooLong',
      `This key's own command is told no more than ${MAX_VARIABLE_BYTES} bytes`,
    );
  return { ...rest, text: command, originalCommand };
}

function starterOf({ caller }: ClientConnection): string | undefined {
  const command = caller.restrictions?.command;
  return command === undefined ? undefined : `${caller.key} ${command}`;
}
