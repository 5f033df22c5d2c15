import { RemotingError } from '@holdfast/protocol';
import type { OneShotTable } from '../session/one-shot-table.ts';
import type { SessionConfiguration } from '../session/session-configuration.ts';
import type { SessionTable } from '../session/session-table.ts';

/**
 * Lets a shell be started, a session's or a one-shot's, where the configuration has room for it. All that a host runs is
 * one user's.
 * @throws RemotingError SessionLimitReached
 */
export function assertRoom(
  configuration: SessionConfiguration,
  { sessions, oneShots }: { sessions: SessionTable; oneShots: OneShotTable },
): void {
  const { name, maxShells = Infinity, maxShellsPerUser = Infinity } = configuration;
  const most = Math.min(maxShells, maxShellsPerUser);
  if (sessions.runningIn(name) + oneShots.runningIn(name) < most) return;
  const message = `This user is allowed a maximum number of ${most} concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user`;
  throw new RemotingError('SessionLimitReached', message, { target: name });
}
