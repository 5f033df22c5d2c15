import { userInfo } from 'node:os';
import { RemotingError, type AttachmentRole, type RequestOf } from '@holdfast/protocol';
import { Attachment } from '../session/attachment.ts';
import { isSameClient } from '../session/channel-port.ts';
import { OneShot } from '../session/one-shot.ts';
import type { Session } from '../session/session.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { ClientConnection } from './client-connection.ts';
import { isReachable } from './forced-command.ts';

/** @throws RemotingError AccessDenied for a caller who is not this host's user: programs run as that user */
export function assertOwnUser({ caller }: ClientConnection): void {
  const { username } = userInfo();
  if (caller.user === username) return;
  throw new RemotingError('AccessDenied', `This session host runs programs for ${username} only, not ${caller.user}`);
}

/** Whether `client` may see a session, disconnect and stop it: its owner and administrators may. */
export function mayManage(client: ClientConnection, session: Session): boolean {
  const { user, roles } = client.caller;
  return (user === session.owner && isReachable(client, session)) || roles.includes('administrator');
}

/** @throws RemotingError SessionNotFound, also for a session that the client may not manage */
export function managedSession(client: ClientConnection, sessions: SessionTable, instanceId: string): Session {
  const session = sessions.find(instanceId);
  if (session !== undefined && mayManage(client, session)) return session;
  throw refusal(client, session, instanceId);
}

/**
 * The session, if `client` may let go of it: whoever may manage it, and a guest of what they hold, who changes no limit.
 * @throws RemotingError SessionNotFound, AccessDenied
 */
export function leavableSession(
  client: ClientConnection,
  sessions: SessionTable,
  { instanceId, idleTimeoutMs, outputBufferingMode }: RequestOf<'session.detach'>,
): Session {
  const session = sessions.find(instanceId);
  const holder = session?.attachment?.client;
  const changesNothing = idleTimeoutMs === undefined && outputBufferingMode === undefined;
  const isOwnTie = changesNothing && holder !== undefined && isSameClient(holder, client.identity);
  if (session !== undefined && isOwnTie && attachableFor(client, session).length > 0) return session;
  return managedSession(client, sessions, instanceId);
}

/** @throws RemotingError SessionNotFound, also for a session of another user; AccessDenied for their guest */
export function ownSession(client: ClientConnection, sessions: SessionTable, instanceId: string): Session {
  const session = sessions.find(instanceId);
  if (session !== undefined && client.caller.user === session.owner && isReachable(client, session)) return session;
  throw refusal(client, session, instanceId);
}

/**
 * The session of `client` to which it may let other users, or let them no more.
 * @throws RemotingError SessionNotFound, AccessDenied, GrantRefused, SessionExited
 */
export function grantableSession(client: ClientConnection, sessions: SessionTable, instanceId: string): Session {
  const session = ownSession(client, sessions, instanceId);
  const { name, program } = session;
  if (client.caller.restrictions !== undefined) {
    throw new RemotingError('AccessDenied', 'This key lets nobody else in: it is restricted itself');
  }
  if (client.isLocal) {
    const message = `Session ${name} is reached on this machine only: nobody else comes in there`;
    throw new RemotingError('GrantRefused', message, { target: name });
  }
  if (program.exit === undefined) return session;
  throw new RemotingError('SessionExited', `Session ${name} has ended`, { target: name });
}

/**
 * What `client` may attach to a session for: its owner for the keyboard and to watch, another user for what was granted, if
 * their key is good for all that they may do. Nothing: there is no such session for them.
 */
export function attachableFor(client: ClientConnection, session: Session): readonly AttachmentRole[] {
  const { user, restrictions } = client.caller;
  const isOwn = user === session.owner;
  return (isOwn ? isReachable(client, session) : restrictions === undefined) ? session.guests.rolesFor(user) : [];
}

/**
 * The session, if `client` may attach to it in this role.
 * @throws RemotingError SessionNotFound, also for a session that it may not attach to at all; AccessDenied
 */
export function attachableSession(
  client: ClientConnection,
  sessions: SessionTable,
  instanceId: string,
  role: AttachmentRole,
): Session {
  const session = sessions.find(instanceId);
  const roles = session === undefined ? [] : attachableFor(client, session);
  if (session === undefined || roles.length === 0) throw notFound(instanceId);
  if (roles.includes(role)) return session;
  throw new RemotingError(
    'AccessDenied',
    `${client.caller.user} may watch session ${session.name} of ${session.owner}, but not type in it`,
  );
}

/** A session and one client's tie to it. */
type Tie = { session: Session; attachment: Attachment };

/**
 * The session that `client` is attached to on a channel, with its keyboard or without.
 * @throws RemotingError AttachmentLost
 */
export function attachedSession(client: ClientConnection, sessions: SessionTable, channel: number): Tie {
  const end = client.endOf(channel);
  if (end instanceof Attachment) return sessions.findAttachment(end.id);
  throw new RemotingError('AttachmentLost', `No session is held on channel ${channel}`);
}

/**
 * The session whose keyboard `client` has on a channel.
 * @throws RemotingError AttachmentLost, KeyboardNotHeld
 */
export function heldSession(client: ClientConnection, sessions: SessionTable, channel: number): Tie {
  const tie = attachedSession(client, sessions, channel);
  if (tie.attachment.role === 'keyboard') return tie;
  const { name } = tie.session;
  throw new RemotingError('KeyboardNotHeld', `Session ${name} is only watched here: take its keyboard first`, {
    target: name,
  });
}

/**
 * Lets a request pass that was sent while the client held the session on `channel`, unless it comes late: over an old link,
 * when a newer one or another client holds it. Where nobody does, it may be asked again for want of an answer.
 * @throws RemotingError AttachmentLost
 */
export function assertNotLate(
  client: ClientConnection,
  { attachment, info }: Session,
  channel: number | undefined,
): void {
  if (channel === undefined || attachment === undefined || client.endOf(channel) === attachment) return;
  if (!attachment.linked && isSameClient(attachment.client, client.identity)) return;
  throw new RemotingError('AttachmentLost', `The session ${info.name} is held otherwise by now`, { target: info.name });
}

/** The one-shot on a channel. @throws RemotingError AttachmentLost */
export function oneShotOn(client: ClientConnection, channel: number): OneShot {
  const end = client.endOf(channel);
  if (end instanceof OneShot) return end;
  throw new RemotingError('AttachmentLost', `No one-shot runs on channel ${channel}`);
}

/** Whoever was let in to a session is told that they may not; to others there is none. */
function refusal(client: ClientConnection, session: Session | undefined, instanceId: string): RemotingError {
  if (session === undefined || attachableFor(client, session).length === 0) return notFound(instanceId);
  const message = `That is not for ${client.caller.user}, whom ${session.owner} let in to session ${session.name}`;
  return new RemotingError('AccessDenied', message, { target: session.name });
}

function notFound(instanceId: string): RemotingError {
  return new RemotingError('SessionNotFound', `There is no session ${instanceId} here`, { target: instanceId });
}
