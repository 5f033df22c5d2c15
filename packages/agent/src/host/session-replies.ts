import type { ReplyOf, SessionInfo } from '@holdfast/protocol';
import type { Attachment } from '../session/attachment.ts';
import type { Session } from '../session/session.ts';
import { mayManage } from './access.ts';
import type { ClientConnection } from './client-connection.ts';

/** What a client may know of a session: a guest hears what they may, and of no grant but their own. */
export function infoFor(client: ClientConnection, session: Session): SessionInfo {
  const { info } = session;
  const own = info.grants?.filter(({ user }) => user === client.caller.user);
  const access = own?.[0]?.access;
  return { ...info, ...(access && { access }), grants: mayManage(client, session) ? info.grants : own };
}

/** The answer to whoever opened, connected or watched. */
export function attachedReply(
  client: ClientConnection,
  session: Session,
  { id: attachmentId, inputReceived, number }: Attachment,
): ReplyOf<'session.open'> {
  const { incarnation } = session;
  return { session: infoFor(client, session), attachment: { attachmentId, inputReceived, incarnation, number } };
}
