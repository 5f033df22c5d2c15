import { RemotingError, type SessionInfo } from '@holdfast/protocol';

/**
 * Finds a session by its name, in any case, or its InstanceId; undefined when there is none. Sessions of `user` come first: what
 * others call theirs must not stand in the way of one's own, nor take its place.
 * @param whose `own`: one of somebody else is found by its InstanceId only, for nobody types into it by its name
 * @throws RemotingError SessionNotFound when there are several of that name
 */
export function findSession<T extends { readonly info: SessionInfo }>(
  sessions: readonly T[],
  name: string,
  { user, whose }: { user: string; whose: 'own' | 'any' },
): T | undefined {
  const wanted = name.toLowerCase();
  const named = sessions.filter(({ info }) => info.name.toLowerCase() === wanted || info.instanceId === wanted);
  const own = named.filter(({ info }) => info.owner === user || info.instanceId === wanted);
  const found = own.length > 0 || whose === 'own' ? own : named;
  if (found.length < 2) return found[0];
  const ids = found.map(({ info }) => info.instanceId).join(', ');
  throw new RemotingError('SessionNotFound', `There are several sessions ${name}: name one by its InstanceId: ${ids}`, {
    target: name,
  });
}
