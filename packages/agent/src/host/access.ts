import { userInfo } from 'node:os';
import { RemotingError, type AttachmentRole } from '@holdfast/protocol';
import { Attachment } from '../session/attachment.ts';
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
  throw notFound(instanceId);
}

/** @throws RemotingError SessionNotFound, also for a session of another user */
export function ownSession(client: ClientConnection, sessions: SessionTable, instanceId: string): Session {
  const session = sessions.find(instanceId);
  if (session !== undefined && client.caller.user === session.owner && isReachable(client, session)) return session;
  throw notFound(instanceId);
}

/** What `client` may attach to a session for: its owner for the keyboard and to watch, others not at all. */
function attachableFor(client: ClientConnection, session: Session): readonly AttachmentRole[] {
  const isOwn = client.caller.user === session.owner && isReachable(client, session);
  return isOwn ? ['keyboard', 'watching'] : [];
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
    `${client.caller.user} may watch session ${session.name}, but not type in it`,
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
  if (!attachment.linked && attachment.client.clientId === client.identity.clientId) return;
  throw new RemotingError('AttachmentLost', `The session ${info.name} is held otherwise by now`, { target: info.name });
}

/** The one-shot on a channel. @throws RemotingError AttachmentLost */
export function oneShotOn(client: ClientConnection, channel: number): OneShot {
  const end = client.endOf(channel);
  if (end instanceof OneShot) return end;
  throw new RemotingError('AttachmentLost', `No one-shot runs on channel ${channel}`);
}

function notFound(instanceId: string): RemotingError {
  return new RemotingError('SessionNotFound', `There is no session ${instanceId} here`, { target: instanceId });
}
