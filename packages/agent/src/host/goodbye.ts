import type { ReplyOf } from '@holdfast/protocol';
import type { OneShotTable } from '../session/one-shot-table.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { ClientConnection } from './client-connection.ts';
import { isReachable } from './forced-command.ts';
import type { Recorder } from './recorder.ts';

/** Lets go of all that a client held: idle sessions close, those that are busy or have jobs stay Disconnected. */
export async function sayGoodbye(
  client: ClientConnection,
  { sessions, oneShots, recorder }: { sessions: SessionTable; oneShots: OneShotTable; recorder: Recorder },
): Promise<ReplyOf<'connection.goodbye'>> {
  const { clientId } = client.identity;
  sessions.unwatchAll(clientId);
  const held = sessions.heldBy(clientId).filter((session) => isReachable(client, session));
  const running = held.filter(({ program }) => program.exit === undefined);
  const closing = running.filter(({ program }) => program.isIdle);
  const staying = running.filter((session) => !closing.includes(session));
  const detail = 'its client said goodbye';
  for (const session of closing) recorder.did(client, { type: 'session.stopped', detail }, session);
  for (const session of staying) {
    recorder.did(client, { type: 'session.disconnected', detail }, session);
    session.release();
  }
  await Promise.all([
    oneShots.stop((one) => one.client.clientId === clientId && isReachable(client, one)),
    ...closing.map(({ program }) => program.stop()),
  ]);
  const ended = held.filter((session) => !staying.includes(session));
  for (const session of ended) session.release();
  const reply = { closed: ended.map(({ info }) => info), left: staying.map(({ info }) => info) };
  for (const session of ended) sessions.markTold(session);
  return reply;
}
