import type { RequestOf } from '@holdfast/protocol';
import type { Session } from '../session/session.ts';
import type { ClientConnection } from './client-connection.ts';

/**
 * Says something to whoever is attached to a session; a client whose link is lost for a moment hears of it when it is back.
 * @returns how many clients are told now
 */
export function sayTo(
  session: Session,
  { caption, text }: RequestOf<'session.message'>,
  { caller, identity }: ClientConnection,
): number {
  const { attendance, program } = session;
  if (attendance.all.length === 0) return 0;
  const { client, address } = identity;
  program.emit({ type: 'session.message', at: session.output.end, user: caller.user, client, address, caption, text });
  return attendance.all.filter(({ linked }) => linked).length;
}
