import * as v from 'valibot';
import { RemotingError } from './errors.ts';
import type { RequestType } from './messages.ts';

/** What a key or certificate may not do although its user may (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export const KeyRestrictions = v.object({
  /** False: no session is opened, taken or resumed, for each has a terminal (`no-pty`). */
  terminal: v.boolean(),
  /** Runs in the place of whatever is asked (`command=`, `force-command`); such a key does nothing else. */
  command: v.optional(v.string()),
});
export type KeyRestrictions = v.InferOutput<typeof KeyRestrictions>;

/** What a key with a command of its own may ask: to run it, and to go on with what it started. */
const WITH_FORCED_COMMAND: ReadonlySet<RequestType> = new Set([
  'session.open',
  'session.list',
  'session.connect',
  'session.watch',
  'session.unwatch',
  'session.keyboard',
  'session.show',
  'session.hide',
  'session.resize',
  'session.echo',
  'session.interrupt',
  'session.detach',
  'session.stop',
  'session.update',
  'exec.start',
  'exec.signal',
  'channel.end',
  'connection.resume',
  'connection.goodbye',
]);

/** What brings a session's terminal to the caller. */
const TERMINAL_TIES: ReadonlySet<RequestType> = new Set(['session.open', 'session.connect', 'session.watch']);

/**
 * Lets a request pass that a caller's key may make at all; of what it is about, the session host judges.
 * @throws RemotingError AccessDenied, a line for the person who asked
 */
export function assertPermitted(type: RequestType, restrictions: KeyRestrictions | undefined): void {
  if (restrictions === undefined) return;
  if (restrictions.command !== undefined && !WITH_FORCED_COMMAND.has(type)) {
    throw new RemotingError('AccessDenied', 'This key runs its own command and nothing else (command=, force-command)');
  }
  if (TERMINAL_TIES.has(type)) assertTerminal(restrictions);
}

/** @throws RemotingError AccessDenied for a caller whose key may have no terminal */
export function assertTerminal(restrictions: KeyRestrictions | undefined): void {
  if (restrictions?.terminal !== false) return;
  throw new RemotingError(
    'AccessDenied',
    'This key may not open a terminal (no-pty): only commands without one run with it',
  );
}

/** For the record. */
export function describeRestrictions({ terminal, command }: KeyRestrictions): string {
  const own = command === undefined ? [] : [`command=${JSON.stringify(command)}`];
  return [...(terminal ? [] : ['no-pty']), ...own].join(', ');
}
