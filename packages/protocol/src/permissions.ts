import { RemotingError } from './errors.ts';
import type { CallerStamp } from './host-hello.ts';
import { assertPermitted } from './key-restrictions.ts';
import type { RequestType } from './messages.ts';

type Roles = CallerStamp['roles'];

const OWNER: Roles = ['owner'];
/** An administrator lists, disconnects and stops the sessions of others, and writes to them. */
const BOTH: Roles = ['owner', 'administrator'];

/**
 * The roles that may ask each request, in the only place where that is said: a request without a line here does not compile,
 * and nobody may ask it. Whose session it is about, the session host judges (access.ts there).
 */
export const MAY_ASK: Record<RequestType, Roles> = {
  'session.open': OWNER,
  'session.list': BOTH,
  'session.connect': OWNER,
  'session.watch': OWNER,
  'session.unwatch': OWNER,
  'session.keyboard': OWNER,
  'session.show': OWNER,
  'session.hide': OWNER,
  'session.resize': OWNER,
  'session.echo': OWNER,
  'session.interrupt': OWNER,
  'session.detach': BOTH,
  'session.stop': BOTH,
  'session.message': BOTH,
  'session.update': OWNER,
  'session.grant': OWNER,
  'command.run': OWNER,
  'command.complete': OWNER,
  'exec.start': OWNER,
  'exec.signal': OWNER,
  'channel.end': OWNER,
  'connection.resume': OWNER,
  'connection.goodbye': BOTH,
  'events.list': BOTH,
  'journal.read': BOTH,
  'agent.configurations': OWNER,
  'agent.status': BOTH,
};

/** What a gateway asks of a session host by itself, for what its client asked; no client asks it over a gateway. */
const OF_GATEWAY: ReadonlySet<RequestType> = new Set(['journal.read']);

/**
 * Lets a client's request pass at the gateway.
 * @throws RemotingError AccessDenied
 */
export function assertClientMayAsk(type: RequestType, caller: CallerStamp): void {
  if (OF_GATEWAY.has(type)) throw new RemotingError('AccessDenied', `${type} is the gateway's own to ask`);
  assertMayAsk(type, caller);
}

/**
 * Lets a request pass that the caller may make at all, by its role and its key. The gateway asks this of what a client sends,
 * and the session host again, of the stamp that it was given.
 * @throws RemotingError AccessDenied
 */
export function assertMayAsk(type: RequestType, { roles, restrictions }: CallerStamp): void {
  assertPermitted(type, restrictions);
  // Whose key has a command of its own is nobody's owner, and may do just what was permitted.
  if (restrictions?.command !== undefined || roles.some((role) => MAY_ASK[type].includes(role))) return;
  throw new RemotingError(
    'AccessDenied',
    `${type} is not for ${roles.length === 0 ? 'somebody without a role' : roles.join(', ')}`,
  );
}
