import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '../../../../test/support/random.ts';
import { testSeed } from '../../../../test/support/seed.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordedEvent } from '@holdfast/protocol';
import { listJournalFiles, readJournalFile } from '../record/journal-file.ts';
import { AgentProcess, endProcess } from './testing/agent-process.ts';
import { openRequest } from './testing/session-fixture.ts';
import { TestClient } from './testing/test-client.ts';
import { TestHome } from './testing/test-gateway.ts';

let home: TestHome;
let agent: AgentProcess;
let clients: TestClient[];
let hostPids: Set<number>;

beforeEach(async () => {
  home = new TestHome();
  clients = [];
  hostPids = new Set();
  agent = await AgentProcess.start(home);
});

afterEach(async () => {
  for (const client of clients) client.close();
  await agent.stop('SIGKILL');
  for (const pid of hostPids) await endProcess(pid);
  home[Symbol.dispose]();
});

async function connect(clientId?: string): Promise<TestClient> {
  const client = await TestClient.connect({ port: agent.port, key: home.key, ...(clientId && { clientId }) });
  clients.push(client);
  return client;
}

async function openSession(client: TestClient, channel: number): Promise<void> {
  await client.link.request('session.open', openRequest(channel));
  await client.until(() => client.events.find((e) => e.channel === channel && e.event.type === 'session.ready'));
}

async function noteHosts({ link }: TestClient): Promise<void> {
  for (const { pid } of (await link.request('agent.status', {})).hosts) hostPids.add(pid);
}

/** All that the hosts wrote, journal by journal. */
function written(): Map<string, string[]> {
  const files = listJournalFiles(path.join(home.stateDir, 'journal'));
  const byJournal = Map.groupBy(files, ({ journal }) => journal);
  return new Map(
    [...byJournal].map(([journal, parts]) => [
      journal,
      parts.flatMap(({ path: file }) => readJournalFile(file).events).map(({ number, type }) => `${number} ${type}`),
    ]),
  );
}

/** What the gateway's database has of the hosts' events, journal by journal in the order of its own numbers. */
function stored(): Map<string, string[]> {
  const database = new DatabaseSync(path.join(home.stateDir, 'registry.db'), { readOnly: true });
  try {
    const rows = database
      .prepare('SELECT journal, journal_number, type FROM events WHERE journal IS NOT NULL ORDER BY number')
      .all();
    const byJournal = Map.groupBy(rows, ({ journal }) => String(journal));
    return new Map(
      [...byJournal].map(([journal, events]) => [
        journal,
        events.map((row) => `${String(row['journal_number'])} ${String(row['type'])}`),
      ]),
    );
  } finally {
    database.close();
  }
}

/** Every row, page by page. */
async function allEvents({ link }: TestClient): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let more = true; more;) {
    const page = await link.request('events.list', { after: events.at(-1)?.number ?? 0, limit: 50 });
    events.push(...page.events);
    more = page.more;
  }
  return events;
}

describe("the gateway's record", () => {
  test('loses and repeats no event of a host, whenever the gateway is killed', async () => {
    const random = seededRandom(testSeed());
    const seen: RecordedEvent[] = [];
    let commands = 0;
    for (let round = 0; round < 3; round += 1) {
      const client = await connect();
      // What was committed before a kill is there after it, the same.
      const before = await allEvents(client);
      expect(before.slice(0, seen.length)).toEqual(seen);
      seen.splice(0, seen.length, ...before);
      const channels = [1, 2, 3, 4];
      await Promise.all(channels.map((channel) => openSession(client, channel)));
      await noteHosts(client);
      const target = commands + 4 + Math.floor(random() * 30);
      const { promise: reached, resolve: onReached } = Promise.withResolvers<void>();
      const work = channels.map(async (channel) => {
        for (;;) {
          const commandId = randomUUID();
          await client.link.request('command.run', { channel, commandId, text: `: ${round} ${channel}` });
          commands += 1;
          if (commands >= target) onReached();
          await client.until(() =>
            client.events.find(({ event }) => event.type === 'command.ready' && event.commandId === commandId),
          );
        }
      });
      const ended = Promise.allSettled(work);
      await reached;
      await agent.stop('SIGKILL');
      await ended;
      await agent.restart();
    }
    const client = await connect();
    const events = await allEvents(client);
    expect(events.slice(0, seen.length)).toEqual(seen);
    expect(events.filter(({ type }) => type === 'journal.gap')).toEqual([]);
    const started = events.filter(({ type }) => type === 'command.started');
    expect(started.length).toBeGreaterThanOrEqual(commands);
    expect(new Set(started.map(({ commandId }) => commandId)).size).toBe(started.length);
    // Sessions go on: what they write while it is compared, comes in by another look.
    await expect
      .poll(async () => {
        await allEvents(client);
        return isDeepStrictEqual(stored(), written());
      })
      .toBe(true);
    expect([...stored().values()].flat().length).toBeGreaterThan(2 * commands);
  }, 120_000);

  test('has what a host wrote while no gateway ran, and what one left that was killed', async () => {
    const client = await connect();
    await openSession(client, 1);
    await noteHosts(client);
    const commandId = randomUUID();
    await client.link.request('command.run', { channel: 1, commandId, text: 'sleep 0.2' });
    await agent.stop('SIGKILL');
    const ends = (): boolean => [...written().values()].flat().some((event) => event.endsWith('command.ended'));
    await expect.poll(ends, { timeout: 20_000 }).toBe(true);
    for (const pid of hostPids) process.kill(pid, 'SIGKILL');
    await agent.restart();
    const events = await allEvents(await connect());
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['client.connected', 'session.opened', 'command.started', 'command.ended']),
    );
    expect(events.find(({ type }) => type === 'command.ended')).toMatchObject({
      commandId,
      status: 0,
      user: events[0]?.user,
    });
  });

  test('tells a client of its coming and going, with its key and address, and of who was refused', async () => {
    const first = await connect();
    const { key } = (await allEvents(first)).find(({ type }) => type === 'client.connected') ?? {};
    expect(key).toMatch(/^SHA256:/);
    const refused = TestClient.connect({ port: agent.port, key: home.makeKey('stranger') });
    await expect(refused).rejects.toThrow();
    await first.link.request('connection.goodbye', {});
    const { ticket, clientId } = first;
    first.close();
    await first.closed;
    const second = await TestClient.connect({ port: agent.port, key: home.key, ticket, clientId });
    clients.push(second);
    const types = async () => (await allEvents(second)).map(({ type, detail }) => `${type} ${detail ?? ''}`.trim());
    await expect.poll(types).toContain('client.disconnected 1005');
    const events = await allEvents(second);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['client.refused', 'client.left']));
    expect(events.find(({ detail }) => detail === 'by ticket')).toMatchObject({
      key,
      address: '127.0.0.1',
      client: 'test client',
    });
    await expect(second.link.request('journal.read', { after: {} })).rejects.toMatchObject({ id: 'AccessDenied' });
  });
});
