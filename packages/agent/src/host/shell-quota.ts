import { RemotingError } from '@holdfast/protocol';
import { OUT_OF_DESCRIPTORS } from '../exhausted-resource.ts';
import type { FreeDescriptors } from '../free-descriptors.ts';
import type { OneShotTable } from '../session/one-shot-table.ts';
import type { SessionConfiguration } from '../session/session-configuration.ts';
import type { SessionTable } from '../session/session-table.ts';

/** A session's terminal and files, or a one-shot's pipes. */
const DESCRIPTORS_OF_SHELL = 8;
/** Kept for the shells that run: for links, output that goes to disk, and commands apart from their terminal. */
const KEPT_DESCRIPTORS = 24;

/**
 * Lets a shell be started, a session's or a one-shot's, where the configuration has room for it. All that a host runs is
 * one user's.
 * @throws RemotingError SessionLimitReached, or OutOfResources when this host may open too few files
 */
export function assertRoom(
  configuration: SessionConfiguration,
  host: { sessions: SessionTable; oneShots: OneShotTable; descriptors: FreeDescriptors },
): void {
  const { sessions, oneShots, descriptors } = host;
  const { name, maxShells = Infinity, maxShellsPerUser = Infinity } = configuration;
  const most = Math.min(maxShells, maxShellsPerUser);
  if (sessions.runningIn(name) + oneShots.runningIn(name) < most) {
    if (descriptors.take(DESCRIPTORS_OF_SHELL, KEPT_DESCRIPTORS)) return;
    throw new RemotingError('OutOfResources', `Nothing more can be started on this host: ${OUT_OF_DESCRIPTORS}`);
  }
  const message = `This user is allowed a maximum number of ${most} concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user`;
  throw new RemotingError('SessionLimitReached', message, { target: name });
}
