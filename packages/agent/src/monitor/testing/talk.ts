import { randomUUID } from 'node:crypto';
import type { EventOf, EventType } from '@holdfast/protocol';
import { openRequest } from '../../gateway/testing/session-fixture.ts';
import type { TestClient } from '../../gateway/testing/test-client.ts';

/** More than any of these tests prints. */
export const LIMIT = 4 * 1024 * 1024;

/** Opens a session on a channel and waits for its prompt. */
export async function openSession(client: TestClient, channel: number) {
  const { session, attachment } = await client.link.request('session.open', openRequest(channel));
  await client.link.request('session.show', { channel, columns: 200, rows: 24, limit: LIMIT, after: 0 });
  await eventOf(client, 'session.ready', () => true);
  return { session, attachment };
}

/**
 * What a command prints in a session.
 * @param from where the client's output begins, when it resumed
 */
export async function outputOf(client: TestClient, channel: number, text: string, from = 0): Promise<string> {
  const commandId = randomUUID();
  await client.link.request('command.run', { channel, commandId, text });
  const isOurs = (event: { commandId?: string | undefined }): boolean => event.commandId === commandId;
  const { echoTo } = await eventOf(client, 'command.started', isOurs);
  const { at } = await eventOf(client, 'command.ended', isOurs);
  await eventOf(client, 'command.ready', isOurs);
  await client.until(() => (from + client.output(channel, from).length >= at ? true : undefined));
  return client
    .output(channel, from)
    .subarray(echoTo - from, at - from)
    .toString()
    .replaceAll('\r\n', '\n');
}

async function eventOf<T extends EventType>(
  client: TestClient,
  type: T,
  isWanted: (event: EventOf<T>) => boolean,
): Promise<EventOf<T>> {
  return client.until(() => {
    for (const { event } of client.events) {
      // The type is compared just before.
      const found = event.type === type ? (event as unknown as EventOf<T>) : undefined;
      if (found !== undefined && isWanted(found)) return found;
    }
    return undefined;
  });
}
