import { RemotingError, type ReplyOf, type RequestOf } from '@holdfast/protocol';
import { findIdentity } from '../auth/identity.ts';
import { grantableSession } from './access.ts';
import type { ClientConnection } from './client-connection.ts';
import type { HostState } from './host-state.ts';
import { infoFor } from './session-replies.ts';

/**
 * Lets another user attach to a session, changes what they may, or takes it back. The monitor knows of it before the reply.
 * @throws RemotingError as grantableSession(), UserNotFound, GrantRefused; as runWithin()
 */
export async function grant(
  { instanceId, user: named, access, forMs }: RequestOf<'session.grant'>,
  client: ClientConnection,
  { sessions, guests, recorder, settings }: Pick<HostState, 'sessions' | 'guests' | 'recorder' | 'settings'>,
): Promise<ReplyOf<'session.grant'>> {
  grantableSession(client, sessions, instanceId);
  const user = access === 'none' ? named : await accountOf(named, client.caller.user, settings.lookupMs);
  // It may have ended meanwhile.
  const session = grantableSession(client, sessions, instanceId);
  if (access === 'none') {
    if (session.guests.take(user)) recorder.did(client, { type: 'session.revoked', detail: `from ${user}` }, session);
    guests.publish(sessions.guests);
  } else {
    guests.publish([...sessions.guests, user]);
    session.guests.give({ user, access, forMs });
    const until = forMs === undefined ? '' : `, for ${Math.round(forMs / 1000)} s`;
    recorder.did(client, { type: 'session.granted', detail: `to ${user}: ${access}${until}` }, session);
  }
  return { session: infoFor(client, session) };
}

async function accountOf(named: string, owner: string, lookupMs: number): Promise<string> {
  const user = (await findIdentity(named, lookupMs))?.user;
  if (user === undefined) {
    throw new RemotingError('UserNotFound', `There is no user ${named} on this machine`, { target: named });
  }
  if (user !== owner) return user;
  throw new RemotingError('GrantRefused', `${owner} needs no grant: the session is theirs`, { target: named });
}
