import { userInfo } from 'node:os';
import type { ReplyOf } from '@holdfast/protocol';
import type { ClientConnection } from './client-connection.ts';
import type { HostState } from './host-state.ts';

/** What a session host says of itself; of what runs in it, only its user and administrators hear. */
export function statusFor(
  { caller }: ClientConnection,
  { identity, sessions, oneShots, recorder }: Pick<HostState, 'identity' | 'sessions' | 'oneShots' | 'recorder'>,
): ReplyOf<'agent.status'> {
  const { username: user } = userInfo();
  const { version, buildId, startedAt, generation } = identity;
  const { pid } = process;
  const { droppedBytes } = recorder;
  const counts = { sessions: sessions.runningCount, commands: oneShots.runningCount, droppedBytes };
  const isTold = caller.user === user || caller.roles.includes('administrator');
  return { version, buildId, pid, startedAt, user, hosts: isTold ? [{ generation, pid, ...counts }] : [] };
}
