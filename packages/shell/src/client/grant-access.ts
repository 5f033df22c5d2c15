import type { RequestOf } from '@holdfast/protocol';
import type { PSSession } from './ps-session.ts';
import type { Remoting } from './remoting.ts';
import { withinTime } from './within-time.ts';

/**
 * Lets another user attach to a session, or takes that back.
 * @throws RemotingError as Connection.grantSession, OperationTimedOut
 */
export async function grantAccess(
  remoting: Remoting,
  session: PSSession,
  grant: Omit<RequestOf<'session.grant'>, 'instanceId'>,
  signal: AbortSignal,
): Promise<void> {
  const { ComputerName, InstanceId, Name, target, wishes } = session;
  const connection = await remoting.connection(target, signal, wishes);
  const what = `${ComputerName} did not say who may attach to ${Name}`;
  session.learn(
    await withinTime(wishes.operationTimeoutMs, { what, signal }, (limited) =>
      connection.grantSession(InstanceId, grant, limited),
    ),
  );
}
