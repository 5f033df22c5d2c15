import { RemotingError, type SessionInfo } from '@holdfast/protocol';

/**
 * Finds a session by its name, in any case, or its InstanceId; undefined when there is none.
 * @throws RemotingError SessionNotFound when there are several of that name
 */
export function findSession<T extends { readonly info: SessionInfo }>(
  sessions: readonly T[],
  name: string,
): T | undefined {
  const wanted = name.toLowerCase();
  const found = sessions.filter(({ info }) => info.name.toLowerCase() === wanted || info.instanceId === wanted);
  if (found.length < 2) return found[0];
  const ids = found.map(({ info }) => info.instanceId).join(', ');
  throw new RemotingError('SessionNotFound', `There are several sessions ${name}: name one by its InstanceId: ${ids}`, {
    target: name,
  });
}
