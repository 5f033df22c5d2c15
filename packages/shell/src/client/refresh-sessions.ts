import type { Connection } from './connection.ts';
import type { PSSession } from './ps-session.ts';

/**
 * Brings sessions of one computer that are not connected here up to date: they may have been taken, left or ended
 * elsewhere. They stay as they were known when the link does not answer.
 */
export async function refreshSessions(
  connection: Connection,
  sessions: readonly PSSession[],
  signal: AbortSignal,
): Promise<void> {
  const unlinked = new AbortController();
  const stopListening = connection.onLinkState((state) => (state === 'Connected' ? undefined : unlinked.abort()));
  try {
    if (connection.linkState !== 'Connected') return;
    const infos = await connection.listSessions(AbortSignal.any([signal, unlinked.signal]));
    for (const session of sessions) {
      const info = infos.find(({ instanceId }) => instanceId === session.InstanceId);
      if (info !== undefined) session.update(info);
      else if (session.remote === undefined) session.close();
    }
  } catch {
    // What is known is shown; whoever wants it from the host names the host.
  } finally {
    stopListening();
  }
}
