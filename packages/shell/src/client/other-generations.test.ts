import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, type ConnectOptions } from './connect.ts';
import type { Connection } from './connection.ts';
import { runtimeFolder } from './folders.ts';
import { dialHost } from './local-socket.ts';
import { Remoting } from './remoting.ts';
import { RealAgent } from './testing/real-agent.ts';
import { RecordingView } from './testing/recording-view.ts';

const AGENT = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url));
const ONE = '00000000-0000-4000-8000-000000000001';
const TWO = '00000000-0000-4000-8000-000000000002';
const SIZE = { columns: 80, rows: 24 };

let machine: RealAgent;

beforeEach(() => {
  machine = new RealAgent();
});

afterEach(() => machine[Symbol.asyncDispose]());

/** Starts a session host of another build than the client's. */
async function startHost(
  build: string,
  settings: Record<string, number> = {},
): Promise<{ pid: number; socket: string }> {
  const environment = { HOLDFAST_BUILD_ID: build, HOLDFAST_HOST_SETTINGS: JSON.stringify(settings) };
  const child = spawn(process.execPath, [AGENT, 'host', '--foreground'], {
    env: { ...machine.environment, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { socket } = JSON.parse(String(line)) as { socket: string };
  return { pid: child.pid ?? 0, socket };
}

function open(options: ConnectOptions = {}): Promise<Connection> {
  return connect('localhost', { environment: machine.environment, ...options });
}

/** A session on a host of another build, left there by a client of that build. */
async function leaveSession(build: string, name: string): Promise<string> {
  const program = `
    const { connect } = await import(${JSON.stringify(new URL('connect.ts', import.meta.url).href)});
    const connection = await connect('localhost');
    const session = await connection.openSession({ name: ${JSON.stringify(name)}, columns: 80, rows: 24 });
    await session.run('KEPT=${name}').ended;
    await session.detach();
    connection.close();
    console.log(session.info.instanceId);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...machine.environment, HOLDFAST_BUILD_ID: build },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return String(line);
}

describe('sessions on hosts of other builds', () => {
  test('are listed and used as those of the own one, where new sessions go', async () => {
    const older = await startHost('older000');
    const left = await leaveSession('older000', 'left');
    const connection = await open({ clientId: ONE });
    const own = await connection.openSession({ ...SIZE, name: 'own' });
    const listed = await connection.listSessions();
    expect(listed.map(({ name }) => name)).toEqual(['own', 'left']);
    const { hosts, pid } = await connection.status();
    expect(hosts).toMatchObject([
      { pid, sessions: 1 },
      { pid: older.pid, sessions: 1 },
    ]);

    const session = await connection.connectSession(left);
    const view = new RecordingView();
    await session.show(view, 'here');
    expect(await session.run('echo "$KEPT"').ended).toMatchObject({ status: 0 });
    expect(view.take()).toContain('left\n');
    expect(session.connection).toMatchObject({ computerName: 'localhost', linkState: 'Connected' });
    expect(connection.sessions).toEqual([own, session]);

    const other = await open({ clientId: TWO });
    await expect(other.connectSession(left)).rejects.toMatchObject({ id: 'SessionHeldElsewhere' });
    const lost = new Promise<string>((resolve) => session.onState((state) => resolve(state)));
    const taken = await other.connectSession(left, { force: true });
    expect([await lost, taken.state]).toEqual(['Disconnected', 'Opened']);
    expect(await connection.detachSession(left)).toMatchObject({ name: 'left' });
    await connection.stopSession(left);
    expect((await other.listSessions()).filter(({ state }) => state === 'Running')).toMatchObject([{ name: 'own' }]);
    await expect(connection.connectSession(left)).rejects.toMatchObject({ id: expect.stringMatching(/^Session/) });
    other.close();
    await own.stop();
    connection.close();
  }, 30_000);

  test('are PSSessions as any: found, connected, disconnected, removed, and told goodbye', async () => {
    await startHost('older000');
    await leaveSession('older000', 'idle');
    await leaveSession('older000', 'busy');
    const remoting = new Remoting({ environment: machine.environment, clientId: ONE });
    const [idle, busy] = (await remoting.querySessions('localhost')).toSorted((a, b) => b.Name.localeCompare(a.Name));
    expect(idle).toMatchObject({ Name: 'idle', State: 'Disconnected', Availability: 'None', Id: 1 });
    if (idle === undefined || busy === undefined) throw new Error('They are not listed');
    await remoting.connect(idle);
    await remoting.connect(busy);
    expect([idle, busy]).toMatchObject([
      { State: 'Opened', Availability: 'Available' },
      { State: 'Opened', Id: 2 },
    ]);
    expect(await remoting.disconnect(idle)).toMatchObject({ State: 'Disconnected', Availability: 'None' });
    await remoting.connect(idle);
    await busy.remote?.run('sleep 1000').accepted;
    const farewell = await remoting.goodbyeAll();
    expect(farewell).toMatchObject({ closed: [{ Name: 'idle' }], left: [{ Name: 'busy' }], failed: [] });

    const later = new Remoting({ environment: machine.environment, clientId: TWO });
    const [found] = await later.querySessions('localhost');
    if (found === undefined) throw new Error('It is not listed');
    await later.connect(found);
    await later.remove(found);
    expect([found.State, later.sessions]).toEqual(['Closed', []]);
    expect(await later.querySessions('localhost')).toEqual([]);
    await later.goodbyeAll();
  }, 30_000);

  test('end with their host, which is missed no longer; nothing of the own one is touched', async () => {
    const older = await startHost('older000');
    const left = await leaveSession('older000', 'left');
    const connection = await open();
    const own = await connection.openSession({ ...SIZE, name: 'own' });
    const session = await connection.connectSession(left);
    const ended = new Promise<string>((resolve) => session.onState((state) => resolve(state)));
    process.kill(older.pid, 'SIGKILL');
    expect(await ended).toBe('Broken');
    expect([own.state, connection.linkState]).toEqual(['Opened', 'Connected']);
    // Its socket is still there, but nobody listens.
    expect(await connection.listSessions()).toMatchObject([{ name: 'own' }]);
    await expect(connection.stopSession(left)).rejects.toMatchObject({ id: 'SessionNotFound' });
    await connection[Symbol.asyncDispose]();
  }, 30_000);
});

test('a host of another build ends although it is listed and its sessions were used', async () => {
  const older = await startHost('older000', { idleExitMs: 1_000 });
  // Until it has a session, somebody must be there.
  const client = { clientId: TWO, clientName: 'test' };
  const { transport } = await dialHost(older.socket, client, { hostGoneMs: 0 })(AbortSignal.timeout(10_000));
  const left = await leaveSession('older000', 'left');
  transport.terminate();
  const connection = await open();
  const session = await connection.connectSession(left);
  await session.stop();
  await connection.listSessions();
  while (machine.pids().includes(older.pid)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  expect(await connection.listSessions()).toEqual([]);
  connection.close();
}, 30_000);

test('a host that does not answer hides no other, and is not taken for one without sessions', async () => {
  const connection = await open({ settings: { attemptTimeoutMs: 200 } });
  await connection.openSession({ ...SIZE, name: 'own' });
  const silent = createServer();
  silent.listen(join(runtimeFolder(machine.environment), 'zzzzzzzz-silent00.sock'));
  await once(silent, 'listening');
  expect(await connection.listSessions()).toMatchObject([{ name: 'own' }]);
  await expect(connection.stopSession(ONE)).rejects.toMatchObject({ id: 'HandshakeTimeout' });
  connection.close();
  silent.close();
}, 30_000);
