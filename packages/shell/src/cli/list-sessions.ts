import type { PSSession } from '../client/ps-session.ts';
import { Remoting } from '../client/remoting.ts';
import { writeOutput } from '../formatting/output.ts';
import { printable } from '../formatting/value-text.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import { inOrder } from '../runtime/in-order.ts';
import { CONNECTION_FAILED } from './exit-status.ts';

/** Hosts that are asked at once. */
const HOSTS_AT_ONCE = 32;

/**
 * `sessions [HOST...] [--json]`: the sessions of this user on the hosts.
 * @returns 0, or 255 when a host did not answer; the others are listed all the same
 */
export async function listSessions(
  { hosts, json }: { hosts: readonly string[]; json: boolean },
  questions: ConnectionQuestions,
): Promise<number> {
  const remoting = new Remoting(questions);
  const targets = hosts.length > 0 ? hosts : ['localhost', ...remoting.hosts.names];
  const sessions: PSSession[] = [];
  let status = 0;
  for await (const { item, outcome } of inOrder(targets, HOSTS_AT_ONCE, (host) => remoting.querySessions(host))) {
    if (outcome.status === 'fulfilled') {
      sessions.push(...outcome.value);
      continue;
    }
    const reason: unknown = outcome.reason;
    process.stderr.write(
      `holdfast: ${item}: ${printable(reason instanceof Error ? reason.message : String(reason))}\n`,
    );
    status = CONNECTION_FAILED;
  }
  await writeSessions(sessions, json);
  for (const connection of await Promise.allSettled(remoting.connections)) {
    if (connection.status === 'fulfilled') connection.value.close();
  }
  return status;
}

async function writeSessions(sessions: readonly PSSession[], json: boolean): Promise<void> {
  const write = (text: string): void => void process.stdout.write(text);
  if (json) write(`${JSON.stringify(sessions.map(toJson), undefined, 2)}\n`);
  else await writeOutput(each(sessions), write);
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** What scripts get: the properties of a PSSession, times in ISO 8601, null for what does not apply. */
function toJson(session: PSSession): object {
  const { command, cwd, holder, owner, createdAt } = session.info;
  return {
    Id: session.Id,
    Name: session.Name,
    ComputerName: session.ComputerName,
    State: session.State,
    Availability: session.Availability,
    ConfigurationName: session.ConfigurationName,
    SessionId: session.SessionId,
    InstanceId: session.InstanceId,
    Owner: owner,
    CreatedOn: new Date(createdAt).toISOString(),
    DisconnectedOn: session.DisconnectedOn?.toISOString() ?? null,
    ExpiresOn: session.ExpiresOn?.toISOString() ?? null,
    IdleTimeout: session.IdleTimeout,
    OutputBufferingMode: session.OutputBufferingMode,
    Location: cwd,
    Command:
      command === undefined ? null : { Text: command.text, StartedOn: new Date(command.startedAt).toISOString() },
    Client: holder === undefined ? null : { Name: holder.client, Address: holder.address },
  };
}
