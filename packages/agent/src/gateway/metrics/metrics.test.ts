import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../../test/support/small-disk.ts';
import type { RunningGateway } from '../start-gateway.ts';
import { FakeSessionHost } from '../testing/fake-session-host.ts';
import { attachedReply, openRequest, sessionInfo } from '../testing/session-fixture.ts';
import { TestClient, openSocket } from '../testing/test-client.ts';
import { TestHome, startTestGateway } from '../testing/test-gateway.ts';
import { expose } from './exposition.ts';
import { readMetricsPlace } from './metrics-settings.ts';
import { parseExposition } from './testing/parse-exposition.ts';

let home: TestHome;
let gateway: RunningGateway | undefined;
let host: FakeSessionHost;
let droppedBytes: unknown;

beforeEach(async () => {
  home = new TestHome();
  droppedBytes = 1000;
  host = await FakeSessionHost.start(home.runtimeDir, 'zzzzzzzzz-testbuil.sock', {
    onRequest: ({ type, body }) => {
      if (type === 'session.open') return attachedReply({ sessionId: body.sessionId ?? 0, name: 'test' });
      if (type === 'agent.status') return { hosts: [{ generation: 'one', commands: 3, droppedBytes }] };
      const holder = { client: 'x', clientId: randomUUID(), address: '127.0.0.1', since: 0, linked: true };
      const command = { commandId: randomUUID(), text: 'make', startedAt: 0 };
      return {
        sessions: [
          sessionInfo({}),
          sessionInfo({ holder }),
          sessionInfo({ command }),
          sessionInfo({ state: 'Exited' }),
        ],
      };
    },
  });
});

afterEach(async () => {
  await gateway?.stop('The test is over');
  gateway = undefined;
  host.close();
  home[Symbol.dispose]();
});

async function get(
  url: string,
  options: { headers?: Record<string, string>; method?: string; socketPath?: string } = {},
): Promise<{ status: number | undefined; type: string | undefined; text: string }> {
  const asked = request(new URL(url, gateway?.metricsUrl), options).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, type: response.headers['content-type'], text };
}

describe('metrics', () => {
  test('are in the text format of Prometheus, and count what happened', async () => {
    const settings = { handshakeTimeoutMs: 2_000 };
    gateway = await startTestGateway(home, { metrics: { host: '127.0.0.1', port: 0 }, settings });
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    await client.link.request('session.open', openRequest(1));
    const { bytesIn, framesIn } = await traffic();
    await client.link.request('session.list', {});
    const after = await traffic();
    expect(after.framesIn - framesIn).toBe(1);
    expect(after.bytesIn - bytesIn).toBeGreaterThan(20);
    client.close();
    const { clientId, ticket } = client;
    const again = await TestClient.connect({ port: gateway.port, key: home.key, clientId, ticket });
    await expect(TestClient.connect({ port: gateway.port, key: home.makeKey('stranger') })).rejects.toThrow();
    await expect(openSocket(gateway.port, {}, '/elsewhere')).rejects.toThrow(/404/);

    const { status, type, text } = await get('/metrics');
    expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    const families = parseExposition(text);
    const seen = (name: string): Record<string, number> => Object.fromEntries(families.get(name)?.samples ?? []);
    expect(seen('holdfast_clients_admitted_total')).toEqual({ 'how="key"': 1, 'how="ticket"': 1 });
    const refusals = async (): Promise<unknown> =>
      Object.fromEntries(
        parseExposition((await get('/metrics')).text).get('holdfast_connections_refused_total')?.samples ?? [],
      );
    // Whose key was refused may try another, until its time is over.
    await expect.poll(refusals).toEqual({ 'reason="HandshakeTimeout"': 1, 'reason="http"': 1 });
    expect(seen('holdfast_keys_refused_total')).toEqual({ '': 1 });
    expect(seen('holdfast_acts_total')).toEqual({ 'act="session.opened"': 1 });
    expect(seen('holdfast_clients')).toEqual({ '': 1 });
    expect(seen('holdfast_sessions')).toEqual({ 'state="held"': 1, 'state="disconnected"': 2 });
    expect([seen('holdfast_sessions_busy'), seen('holdfast_commands')]).toEqual([{ '': 1 }, { '': 3 }]);
    expect(seen('holdfast_session_hosts')).toEqual({ '': 1 });
    expect(seen('process_resident_memory_bytes')['']).toBeGreaterThan(10_000_000);
    expect(families.size).toBeGreaterThan(20);
    again.close();
  });

  async function traffic(): Promise<{ framesIn: number; bytesIn: number }> {
    const families = parseExposition((await get('/metrics')).text);
    const inward = (name: string): number => families.get(name)?.samples.get('direction="in"') ?? NaN;
    return { framesIn: inward('holdfast_client_frames_total'), bytesIn: inward('holdfast_client_bytes_total') };
  }

  test('count the output that session hosts discard, from the first look on', async () => {
    gateway = await startTestGateway(home, { metrics: { host: '127.0.0.1', port: 0 } });
    const dropped = async (): Promise<number | undefined> => {
      const { text } = await get('/metrics');
      return parseExposition(text).get('holdfast_output_dropped_bytes_total')?.samples.get('');
    };
    expect(await dropped()).toBe(0);
    droppedBytes = 1500;
    expect(await dropped()).toBe(500);
    expect(await dropped()).toBe(500);
    droppedBytes = 'much';
    expect(await dropped()).toBe(500);
  });

  test('escape what a label and a help may not hold', () => {
    const samples = [{ labels: { a: 'x"\\\ny', b: '' }, value: Infinity }, { value: 1e-7 }];
    const text = expose([{ name: 'a_total', help: 'one\\two\nthree', type: 'counter', samples }]);
    expect(text).toBe(
      '# HELP a_total one\\\\two\\nthree\n# TYPE a_total counter\na_total{a="x\\"\\\\\\ny",b=""} +Inf\na_total 1e-7\n',
    );
    expect(parseExposition(text).get('a_total')?.samples.size).toBe(2);
  });

  test('are for programs of this machine, not for web pages, and only read', async () => {
    gateway = await startTestGateway(home, { metrics: { host: '127.0.0.1', port: 0 } });
    expect((await get('/metrics', { headers: { Host: 'evil.example:9433' } })).status).toBe(403);
    expect((await get('/metrics', { headers: { Origin: 'http://127.0.0.1' } })).status).toBe(403);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
    expect(await get('/metrics', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect((await get('/')).status).toBe(404);
  });

  test('are served on a Unix socket too, in place of one that a killed gateway left', async () => {
    const socketPath = path.join(home.folder, 'metrics.sock');
    writeFileSync(socketPath, 'no socket, and not ours');
    await expect(startTestGateway(home, { metrics: { path: socketPath } })).rejects.toThrow(/EADDRINUSE/);
    rmSync(socketPath);
    const script = 'require("net").createServer().listen(process.argv[1], () => console.log("listens"))';
    const other = spawn(process.execPath, ['-e', script, socketPath], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(other.stdout, 'data');
    await expect(startTestGateway(home, { metrics: { path: socketPath } })).rejects.toThrow(/EADDRINUSE/);
    const killed = once(other, 'exit');
    other.kill('SIGKILL');
    await killed;
    gateway = await startTestGateway(home, { metrics: { path: socketPath } });
    expect((await get('http://unix/healthz', { socketPath })).text).toBe('ok\n');
  });
});

describe('connections that send nothing', () => {
  const silent: Socket[] = [];

  afterEach(() => {
    for (const socket of silent.splice(0)) socket.destroy();
  });

  async function holdOpen(count: number): Promise<void> {
    const { hostname, port } = new URL(gateway?.metricsUrl ?? '');
    for (let made = 0; made < count; made += 1) {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      silent.push(socket.resume());
      await once(socket, 'connect');
    }
  }

  test('are no more than are allowed; whoever comes then is cut off until one has gone', async () => {
    const settings = { maxMetricsConnections: 2 };
    gateway = await startTestGateway(home, { metrics: { host: '127.0.0.1', port: 0 }, settings });
    await holdOpen(2);
    await expect(get('/healthz')).rejects.toMatchObject({ code: 'ECONNRESET' });
    silent[0]?.destroy();
    const status = () => get('/healthz').then((answer) => answer.status, String);
    await expect.poll(status).toBe(200);
  });

  test('keep nobody out for longer than a request may take', async () => {
    const settings = { maxMetricsConnections: 2, metricsRequestMs: 100 };
    gateway = await startTestGateway(home, { metrics: { host: '127.0.0.1', port: 0 }, settings });
    await holdOpen(2);
    for (const socket of silent) if (!socket.closed) await once(socket, 'close');
    expect((await get('/healthz')).status).toBe(200);
  });
});

test('/healthz is 503 with one line while the registry cannot be written, and 200 again with room', async () => {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  using disk = new SmallDisk(home.stateDir, 512 * 1024);
  gateway = await startTestGateway(home, {
    metrics: { host: '127.0.0.1', port: 0 },
    settings: { registryRetryMs: 20 },
  });
  expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  disk.fill();
  const sick = await get('/healthz');
  expect(sick).toMatchObject({
    status: 503,
    text: expect.stringMatching(/^The registry cannot be written: .*full.*\n$/),
  });
  disk.empty();
  expect((await get('/healthz')).status).toBe(200);
  await gateway.stop('The disk goes');
  gateway = undefined;
});

describe('[metrics]', () => {
  function read(table: string): ReturnType<typeof readMetricsPlace> {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-metrics-'));
    const file = path.join(folder, 'agent.toml');
    writeFileSync(file, `[metrics]\n${table}\n`);
    try {
      return readMetricsPlace(file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('is off unless it says where, and stays on this machine unless it says so', async () => {
    gateway = await startTestGateway(home);
    expect([gateway.metricsUrl, read('')]).toEqual([undefined, undefined]);
    expect(read('address = "[::1]"')).toEqual({ host: '::1', port: 9433 });
    expect(read('address = "127.0.0.9:1"')).toEqual({ host: '127.0.0.9', port: 1 });
    expect(read('address = "unix:/run/x"')).toEqual({ path: '/run/x' });
    expect(read('address = "0.0.0.0:1"\nallowRemote = true')).toEqual({ host: '0.0.0.0', port: 1 });
    for (const address of ['0.0.0.0:1', '[::]:1', '10.0.0.1', 'example.org:1', '[::ffff:10.0.0.1]:1']) {
      expect(() => read(`address = "${address}"`)).toThrow(/there is no authentication/);
    }
    expect(() => read('address = "unix:x"')).toThrow(/whole path/);
    expect(() => read('adress = "127.0.0.1"')).toThrow(/\[metrics\]/);
  });
});
