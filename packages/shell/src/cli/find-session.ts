import { RemotingError, type SessionInfo } from '@holdfast/protocol';
import type { Connection } from '../client/connection.ts';

/**
 * Finds a running session of this user by its name or InstanceId.
 * @throws RemotingError SessionNotFound when there is none, or more than one of that name
 */
export async function findSession(connection: Connection, name: string): Promise<SessionInfo> {
  const infos = await connection.listSessions();
  const running = infos.filter((info) => info.state === 'Running');
  const wanted = name.toLowerCase();
  const found = running.filter((info) => info.name.toLowerCase() === wanted || info.instanceId === wanted);
  const [only, second] = found;
  const target = { target: name };
  if (only === undefined) {
    throw new RemotingError('SessionNotFound', `${connection.computerName} has no session ${name}`, target);
  }
  if (second === undefined) return only;
  const ids = found.map(({ instanceId }) => instanceId).join(', ');
  throw new RemotingError(
    'SessionNotFound',
    `${connection.computerName} has several sessions ${name}: name one by its InstanceId: ${ids}`,
    target,
  );
}
