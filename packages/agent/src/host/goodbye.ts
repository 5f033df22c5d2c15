import type { ReplyOf, SessionInfo } from '@holdfast/protocol';
import type { OneShotTable } from '../session/one-shot-table.ts';
import { isSameClient } from '../session/channel-port.ts';
import type { Session } from '../session/session.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { ClientConnection } from './client-connection.ts';
import { isReachable } from './forced-command.ts';
import type { Recorder } from './recorder.ts';
import { infoFor } from './session-replies.ts';

/**
 * Lets go of all that a client held: idle sessions close, those that are busy or have jobs stay Disconnected, and so do those
 * of somebody else.
 */
export async function sayGoodbye(
  client: ClientConnection,
  { sessions, oneShots, recorder }: { sessions: SessionTable; oneShots: OneShotTable; recorder: Recorder },
): Promise<ReplyOf<'connection.goodbye'>> {
  const { identity } = client;
  sessions.unwatchAll(identity);
  const held = sessions.heldBy(identity).filter((session) => isReachable(client, session));
  const running = held.filter(({ program }) => program.exit === undefined);
  const closing = running.filter(({ owner, program }) => owner === identity.user && program.isIdle);
  const staying = running.filter((session) => !closing.includes(session));
  const detail = 'its client said goodbye';
  for (const session of closing) recorder.did(client, { type: 'session.stopped', detail }, session);
  for (const session of staying) {
    recorder.did(client, { type: 'session.disconnected', detail }, session);
    session.release();
  }
  await Promise.all([
    oneShots.stop((one) => isSameClient(one.client, identity) && isReachable(client, one)),
    ...closing.map(({ program }) => program.stop()),
  ]);
  const ended = held.filter((session) => !staying.includes(session));
  for (const session of ended) session.release();
  const infos = (which: Session[]): SessionInfo[] => which.map((session) => infoFor(client, session));
  const reply = { closed: infos(ended), left: infos(staying) };
  for (const session of ended) if (session.owner === identity.user) sessions.markTold(session);
  return reply;
}
