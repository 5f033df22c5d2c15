import type { PSSession } from '../client/ps-session.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { inOrder } from '../runtime/in-order.ts';
import type { ConnectionWishes } from '../client/connection-wishes.ts';
import { targetOf, wishesFor, type Destination } from './destination.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';

/** Hosts that one command talks to at once, unless -ThrottleLimit says otherwise. */
export const THROTTLE_LIMIT = 32;

export type SessionQuery = {
  readonly destinations: readonly Destination[];
  readonly wishes: ConnectionWishes;
  readonly Name?: readonly string[] | undefined;
  readonly InstanceId?: readonly string[] | undefined;
  readonly ConfigurationName?: string | undefined;
  readonly ThrottleLimit?: number | undefined;
};

/**
 * Asks hosts for this user's sessions and yields those that fit, host by host. A host that does not answer is an error
 * record, and so is a name or InstanceId that fits none of the sessions that came back.
 */
export async function* querySessions(query: SessionQuery, context: CmdletContext): AsyncGenerator<PSSession> {
  const ask = (to: Destination): Promise<PSSession[]> => askHost(to, query.wishes, context);
  const returned: PSSession[] = [];
  for await (const { item, outcome } of inOrder(query.destinations, throttle(query.ThrottleLimit), ask)) {
    if (outcome.status === 'rejected') {
      await context.writeError(queryFailed(item.computerName, outcome.reason));
      continue;
    }
    returned.push(...outcome.value);
    yield* outcome.value.filter((session) => fits(session, query));
  }
  if (returned.length > 0) await reportMissing(query, returned, context);
}

/** Asks one host for the sessions that are for this user. @throws RemotingError */
export async function askHost(
  to: Destination,
  wishes: ConnectionWishes,
  { remoting, signal }: CmdletContext,
): Promise<PSSession[]> {
  const target = targetOf(to, remoting.destinations);
  const sessions = await remoting.querySessions(target, signal, wishesFor(to, wishes));
  return sessions.filter((session) => !isPromptsOwn(session, remoting.clientId));
}

/** The local session of a prompt, which belongs to no list: it is held by this client but is none of its PSSessions. */
function isPromptsOwn({ info, remote }: PSSession, clientId: string): boolean {
  return info.temporary && remote === undefined && info.holder?.clientId === clientId;
}

/** -ThrottleLimit as a number of hosts; 0 stands for the default. */
export function throttle(limit: number | undefined): number {
  return limit === undefined || limit <= 0 ? THROTTLE_LIMIT : limit;
}

function fits(session: PSSession, { Name, InstanceId, ConfigurationName }: SessionQuery): boolean {
  if (Name !== undefined && !Name.some((name) => matchesWildcard(name, session.Name))) return false;
  if (InstanceId !== undefined && !InstanceId.includes(session.InstanceId)) return false;
  return ConfigurationName === undefined || matchesWildcard(ConfigurationName, session.ConfigurationName);
}

async function reportMissing(
  query: SessionQuery,
  returned: readonly PSSession[],
  context: CmdletContext,
): Promise<void> {
  const isKnown = (name: string): boolean => returned.some((session) => matchesWildcard(name, session.Name));
  for (const name of query.Name ?? []) {
    if (hasWildcard(name) || isKnown(name)) continue;
    const message = `The command cannot find a PSSession that has the name "${name}".`;
    await context.writeError(new ErrorRecord('CannotFindPSSessionByName', 'ObjectNotFound', message, { target: name }));
  }
  for (const id of query.InstanceId ?? []) {
    if (returned.some((session) => session.InstanceId === id)) continue;
    const message = `The command cannot find a PSSession with an InstanceId value of "${id}".`;
    await context.writeError(new ErrorRecord('CannotFindPSSessionById', 'ObjectNotFound', message, { target: id }));
  }
}

/** A host that could not be asked. */
export function queryFailed(host: string, cause: unknown): ErrorRecord {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `The remote session query failed for ${host} with the following error message: ${reason}`;
  return new ErrorRecord('RemotePSSessionQueryFailed', 'InvalidOperation', message, { target: host, cause });
}
