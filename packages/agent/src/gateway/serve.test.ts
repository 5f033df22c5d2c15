import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import type { RequestOf, SessionInfo } from '@holdfast/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HostClient } from '../testing/host-client.ts';
import { AgentProcess, endProcess, runAgent } from './testing/agent-process.ts';
import { openRequest } from './testing/session-fixture.ts';
import { TestClient, type ClientOptions } from './testing/test-client.ts';
import { TestHome } from './testing/test-gateway.ts';

const LIMIT = 4 * 1024 * 1024;

let home: TestHome;
let agent: AgentProcess;
const clients: TestClient[] = [];

beforeAll(async () => {
  home = new TestHome();
  agent = await AgentProcess.start(home);
});

afterEach(async () => {
  if (!agent.running) await agent.restart();
  const { link } = await connect();
  for (const { instanceId, state } of (await link.request('session.list', {})).sessions) {
    if (state === 'Running') await link.request('session.stop', { instanceId });
  }
  for (const client of clients.splice(0)) client.close();
});

// Neither a shell nor a host outlives the tests.
afterAll(async () => {
  const { hosts } = await (await connect()).link.request('agent.status', {});
  await agent.stop('SIGKILL');
  for (const { pid } of hosts) await endProcess(pid);
  home[Symbol.dispose]();
});

async function connect(options: Partial<ClientOptions> = {}): Promise<TestClient> {
  const client = await TestClient.connect({ port: agent.port, key: home.key, ...options });
  clients.push(client);
  return client;
}

/** Opens a session with its output shown from the first byte on, and waits for its prompt. */
async function openShown(client: TestClient, channel: number) {
  const { session, attachment } = await client.link.request('session.open', openRequest(channel));
  await client.link.request('session.show', { channel, columns: 80, rows: 24, limit: LIMIT, after: 0 });
  await client.until(() =>
    client.events.find((entry) => entry.channel === channel && entry.event.type === 'session.ready'),
  );
  return { session, attachment };
}

/** Runs a command and waits for its end and all of its output. */
async function run(client: TestClient, channel: number, text: string): Promise<string> {
  const commandId = randomUUID();
  await client.link.request('command.run', { channel, commandId, text });
  return ended(client, channel, commandId);
}

async function ended(client: TestClient, channel: number, commandId: string): Promise<string> {
  const end = await client.until(() =>
    client.events
      .filter((entry) => entry.channel === channel)
      .map(({ event }) => event)
      .find((event) => event.type === 'command.ended' && event.commandId === commandId),
  );
  if (end.type !== 'command.ended') throw new Error('Not the end');
  await client.until(() => (client.output(channel).length >= end.at ? true : undefined));
  return client.output(channel).toString();
}

function resumeRequest(
  channel: number,
  of: { attachmentId: string; incarnation: string },
  receivedTo: number,
): RequestOf<'connection.resume'> {
  const { attachmentId, incarnation } = of;
  return { channels: [{ channel, attachmentId, incarnation, receivedTo, limit: receivedTo + LIMIT, eventsTo: 0 }] };
}

describe('holdfast-agent serve', () => {
  test('opens a session on a host that it starts, runs a command there, and lists it', async () => {
    const client = await connect();
    const { session } = await openShown(client, 1);
    expect(session).toMatchObject({ sessionId: 1, state: 'Running' });
    expect(await run(client, 1, 'echo answer $((6*7))')).toContain('answer 42');
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions).toMatchObject([{ sessionId: 1, instanceId: session.instanceId }]);
    const status = await client.link.request('agent.status', {});
    expect(status).toMatchObject({ version: '0.1.0', buildId: 'dev', hosts: [{ sessions: 1 }] });
  });

  test('a session lives on when the gateway is killed, and its output goes on without a gap', async () => {
    const first = await connect();
    const { session, attachment } = await openShown(first, 1);
    const commandId = randomUUID();
    const text = 'for ((i = 0; i < 200000; i++)); do echo "line $i"; done';
    await first.link.request('command.run', { channel: 1, commandId, text });
    await first.until(() => (first.output(1).length > 100_000 ? true : undefined));
    await agent.stop('SIGKILL');
    await first.closed;
    const before = first.output(1);
    await agent.restart();
    const second = await connect({ clientId: first.clientId, ticket: first.ticket });
    expect(second.resumed).toBe(true);
    const { channels } = await second.link.request('connection.resume', resumeRequest(1, attachment, before.length));
    expect(channels[0]).toMatchObject({ channel: 1, inputReceived: 0, session: { instanceId: session.instanceId } });
    const end = await second.until(() =>
      second.events.map(({ event }) => event).find((event) => event.type === 'command.ended'),
    );
    const total = end.type === 'command.ended' ? end.at : 0;
    await second.until(() => (before.length + second.output(1, before.length).length >= total ? true : undefined));
    const whole = Buffer.concat([before, second.output(1, before.length)]).toString();
    const numbers = [...whole.matchAll(/line (\d+)\r\n/g)].map((match) => Number(match[1]));
    expect(numbers.length).toBe(200_000);
    expect(numbers.every((number, index) => number === index)).toBe(true);
  }, 120_000);

  test('two clients see each session, one takes it from the other, and ids go on after a kill', async () => {
    const [one, two] = [await connect(), await connect()];
    const { session } = await openShown(one, 1);
    expect((await two.link.request('session.list', {})).sessions).toMatchObject([{ instanceId: session.instanceId }]);
    const { instanceId } = session;
    await expect(two.link.request('session.connect', { channel: 5, instanceId, force: false })).rejects.toMatchObject({
      id: 'SessionHeldElsewhere',
    });
    await two.link.request('session.connect', { channel: 5, instanceId, force: true });
    const taken = await one.until(() => one.events.find(({ event }) => event.type === 'session.taken'));
    expect(taken).toMatchObject({ channel: 1, event: { client: 'test client', address: '127.0.0.1' } });
    await expect.poll(() => agent.log).toMatch(new RegExp(`"event":"session.taken".*"instanceId":"${instanceId}"`));
    await agent.stop('SIGKILL');
    await agent.restart();
    const three = await connect();
    const next = session.sessionId + 1;
    expect((await three.link.request('session.open', openRequest(1))).session.sessionId).toBe(next);
    const listed = (await three.link.request('session.list', {})).sessions.map(({ sessionId }) => sessionId);
    expect(new Set(listed)).toEqual(new Set([session.sessionId, next]));
  });

  test('a connect that comes late over an old link leaves the session to the newer one', async () => {
    const old = await connect();
    const { session } = await openShown(old, 1);
    const { instanceId } = session;
    await old.link.request('session.detach', { instanceId });
    const late = { channel: 2, instanceId, force: false, connectId: randomUUID(), attempt: 0 };
    const newer = await connect({ clientId: old.clientId });
    await newer.link.request('session.connect', { ...late, attempt: 1 });
    await expect(old.link.request('session.connect', late)).rejects.toMatchObject({ id: 'ConnectionLost' });
    await newer.link.request('session.show', { channel: 2, columns: 80, rows: 24, limit: LIMIT, after: 0 });
    expect(await run(newer, 2, 'echo still here')).toContain('still here');
  });

  test('a host that a local client shares gives no number twice, nor does the one that follows it', async () => {
    const remote = await connect();
    const openRemote = async (channel: number): Promise<number> =>
      (await remote.link.request('session.open', openRequest(channel))).session.sessionId;
    const openLocal = async (): Promise<number> => {
      const sockets = readdirSync(home.runtimeDir).filter((name) => name.endsWith('.sock'));
      const local = await HostClient.connect(path.join(home.runtimeDir, sockets.toSorted().at(-1) ?? ''));
      const { instanceId } = await local.open();
      const { sessions } = await local.link.request('session.list', {});
      local.close();
      return sessions.find((session) => session.instanceId === instanceId)?.sessionId ?? 0;
    };
    const first = await openRemote(1);
    const numbers = [await openLocal(), await openLocal(), await openRemote(2), await openLocal(), await openRemote(3)];
    expect(numbers).toEqual([1, 2, 3, 4, 5].map((more) => first + more));
    const [host] = (await remote.link.request('agent.status', {})).hosts;
    process.kill(host?.pid ?? 0, 'SIGKILL');
    await remote.closed;
    const { session } = await openShown(await connect(), 1);
    expect(session.sessionId).toBeGreaterThan(first + 5);
  });

  test('a host that is killed loses its sessions, says so, and is followed by another', async () => {
    const first = await connect();
    const { session, attachment } = await openShown(first, 1);
    const [host] = (await first.link.request('agent.status', {})).hosts;
    process.kill(host?.pid ?? 0, 'SIGKILL');
    expect(await first.closed).toEqual({ code: 4503, reason: 'A session host ended' });
    const second = await connect({ clientId: first.clientId, ticket: first.ticket });
    const { channels } = await second.link.request('connection.resume', resumeRequest(1, attachment, 0));
    expect(channels).toMatchObject([{ channel: 1, error: { error: 'AttachmentLost' } }]);
    expect((await openShown(second, 2)).session.sessionId).toBe(session.sessionId + 1);
    expect(await run(second, 2, 'echo here again')).toContain('here again');
  });

  test('runs a one-shot command with standard output and error apart', async () => {
    const client = await connect();
    const request = { channel: 3, errorChannel: 4, execId: randomUUID(), environment: {}, limit: LIMIT };
    await client.link.request('exec.start', { ...request, text: 'echo out; echo err >&2; exit 3' });
    const end = await client.until(() => client.events.find(({ event }) => event.type === 'exec.ended')?.event);
    expect(end).toMatchObject({ status: 3, at: 4, errorAt: 4 });
    await client.until(() => (client.output(3).length + client.output(4).length === 8 ? true : undefined));
    expect([client.output(3).toString(), client.output(4).toString()]).toEqual(['out\n', 'err\n']);
  });

  test('SIGTERM leaves the sessions, and --stop-sessions ends them', async () => {
    const client = await connect();
    const { session } = await openShown(client, 1);
    expect(await agent.stop('SIGTERM')).toBe(0);
    expect(await client.closed).toMatchObject({ code: 4503 });
    expect(client.events.at(-1)).toMatchObject({ channel: 0, event: { type: 'connection.goaway' } });
    await agent.restart();
    const listed = async (): Promise<SessionInfo[]> =>
      (await (await connect()).link.request('session.list', {})).sessions;
    expect(await listed()).toMatchObject([{ instanceId: session.instanceId, state: 'Running' }]);
    await agent.stop('SIGKILL');
    await using last = await AgentProcess.start(home, ['--stop-sessions']);
    expect(await last.stop('SIGTERM')).toBe(0);
    await expect.poll(() => last.log).toContain('"event":"sessions.stopped","stopped":1,"failed":0');
    await agent.restart();
    expect((await listed()).filter(({ state }) => state === 'Running')).toEqual([]);
  });
});

test('an agent says when nobody can come in, and lets in whose key is added later', async () => {
  using own = new TestHome();
  renameSync(own.authorizedKeys, `${own.authorizedKeys}.later`);
  await using lonely = await AgentProcess.start(own);
  const { authorizedKeys, key } = own;
  await expect
    .poll(() => lonely.said)
    .toMatch(`\nNobody can come in yet: ${authorizedKeys} is not used: it does not exist\n`);
  renameSync(`${authorizedKeys}.later`, authorizedKeys);
  await connect({ port: lonely.port, key });
});

describe('holdfast-agent status', () => {
  test('says where the gateway runs and which sessions there are, and exits with 1 when it does not run', async () => {
    const client = await connect();
    const { session } = await openShown(client, 1);
    const args = ['status', '--state-dir', home.stateDir];
    const running = await runAgent(home, args);
    expect(running.stdout).toContain(`The gateway runs: wss://127.0.0.1:${agent.port}  host key ${agent.fingerprint}`);
    expect(running.stdout).toMatch(/\n {2}up \d+ s {2}version \d+\.\d+\.\d+ {2}build dev\n/);
    expect(running.stdout).toMatch(/\n {2}host \S+-dev {2}pid \d+ {2}1 session, 0 commands\n/);
    expect(running.stdout).toMatch(/1 session of /);
    expect(running.status).toBe(0);
    await agent.stop('SIGKILL');
    const killed = await runAgent(home, [...args, '--json']);
    expect(JSON.parse(killed.stdout)).toMatchObject({ running: false, sessions: [{ sessionId: session.sessionId }] });
    expect(killed.status).toBe(1);
  });

  test('counts a one-shot whose client is gone', async () => {
    const client = await connect();
    const text = 'echo begun; exec sleep 60';
    const exec = { execId: randomUUID(), text, environment: {}, limit: LIMIT };
    await client.link.request('exec.start', { channel: 1, errorChannel: 2, ...exec });
    await client.until(() => (client.output(1).length > 0 ? true : undefined));
    client.close();
    await client.closed;
    const { stdout } = await runAgent(home, ['status', '--state-dir', home.stateDir]);
    expect(stdout).toMatch(/\nNo sessions of .*, and 1 command of holdfast run\n$/);
    // It would outlive this test.
    const { link } = await connect({ clientId: client.clientId });
    await link.request('connection.goodbye', {});
    await expect
      .poll(async () => (await link.request('agent.status', {})).hosts)
      .toMatchObject([{ sessions: 0, commands: 0 }]);
  });
});
