import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FaultLink } from '../../../../test/support/fault-link.ts';
import { RIPPLE } from '../../../../test/support/fault-plan.ts';
import { connect, type ConnectOptions } from './connect.ts';
import type { Connection } from './connection.ts';
import { HostsFile, type HostAddress } from './hosts.ts';
import type { RemoteSession } from './remote-session.ts';
import { Remoting } from './remoting.ts';
import { RealAgent } from './testing/real-agent.ts';
import { RecordingView } from './testing/recording-view.ts';

const ONE = '00000000-0000-4000-8000-000000000001';
const TWO = '00000000-0000-4000-8000-000000000002';
const SIZE = { columns: 80, rows: 24 };

let agent: RealAgent;
let proxy: FaultLink;

beforeAll(async () => {
  agent = new RealAgent();
  await agent.serve();
});

beforeEach(async () => {
  proxy = await FaultLink.start(() => agent.port, RIPPLE);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
});

function address(fields: Partial<Extract<HostAddress, { kind: 'agent' }>> = {}): HostAddress {
  const { fingerprint: hostKey, identity } = agent;
  return {
    kind: 'agent',
    computerName: 'srv1',
    host: '127.0.0.1',
    port: proxy.port,
    path: '/',
    hostKey,
    identity,
    ...fields,
  };
}

async function open(options: ConnectOptions & { address?: HostAddress } = {}): Promise<Connection> {
  const connection = await connect(options.address ?? address(), { environment: agent.environment, ...options });
  onTestFinished(() => connection[Symbol.asyncDispose]());
  return connection;
}

async function openShown(connection: Connection, view = new RecordingView()): Promise<[RemoteSession, RecordingView]> {
  const session = await connection.openSession({ ...SIZE, name: 'Test' });
  await session.show(view);
  return [session, view];
}

function collect(): { onStdout: (bytes: Buffer) => void; onStderr: (bytes: Buffer) => void; out: string; err: string } {
  const kept = {
    out: '',
    err: '',
    onStdout: (bytes: Buffer) => void (kept.out += bytes.toString()),
    onStderr: (bytes: Buffer) => void (kept.err += bytes.toString()),
  };
  return kept;
}

describe('a session over wss', () => {
  test('runs commands with their output, status and directory', async () => {
    const [session, view] = await openShown(await open());
    expect(await session.run('cd /etc; echo one').ended).toMatchObject({ status: 0, cwd: '/etc' });
    expect(await session.run('pwd; false').ended).toMatchObject({ status: 1 });
    expect(view.take()).toBe('one\n/etc\n');
    expect(session).toMatchObject({ state: 'Opened', availability: 'Available', info: { cwd: '/etc' } });
  });

  test('shows every line once while its link is cut and the gateway killed', async () => {
    const connection = await open();
    const [session, view] = await openShown(connection);
    const lines = 400_000;
    const command = session.run(`seq ${lines}`);
    let running = true;
    void command.ended.then(() => (running = false));
    for (let cuts = 0; running; cuts += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, 30);
      });
      if (cuts === 5) {
        await agent.killGateway();
        await agent.serve();
      } else if (connection.linkState === 'Connected') proxy.cut();
    }
    expect(await command.ended).toMatchObject({ status: 0 });
    const hash = createHash('sha256').update(view.take()).digest('hex');
    const all = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join('');
    expect(hash).toBe(createHash('sha256').update(all).digest('hex'));
    expect(view.snapshots).toBe(0);
  }, 30_000);

  test('brings every key once, in order, over cuts', async () => {
    const [session, view] = await openShown(await open());
    const command = session.run('stty -echo; echo ready; cat; stty echo');
    await view.shows('ready\r\n');
    view.take();
    let typed = '';
    for (let key = 0; key < 100; key += 1) {
      typed += `k${key}\n`;
      session.write(Buffer.from(`k${key}\n`));
      if (key % 10 === 5) proxy.cut();
      await new Promise((resolve) => {
        setTimeout(resolve, 3);
      });
    }
    session.write(Buffer.from('\x04'));
    await command.ended;
    expect(view.take()).toBe(typed);
    expect(session.unsentInput).toHaveLength(0);
  }, 20_000);

  test('keeps what is typed while the link is down, and shows it as unsent', async () => {
    const connection = await open({ settings: { unansweredMs: 100 } });
    const [session, view] = await openShown(connection);
    const command = session.run('read line; echo got $line');
    await command.accepted;
    proxy.freeze();
    session.write(Buffer.from('hello\n'));
    await new Promise<void>((resolve) =>
      connection.onLinkState((state) => (state === 'Suspect' ? resolve() : undefined)),
    );
    expect(Buffer.from(session.unsentInput).toString()).toBe('hello\n');
    proxy.thaw();
    await command.ended;
    expect(view.take()).toContain('got hello\n');
  });

  test('has its prompt back at once after an interrupt under a flood, on a slow terminal', async () => {
    const [session, view] = await openShown(await open(), new RecordingView(5_000));
    const command = session.run('yes');
    await view.shows('y\r\ny\r\n');
    await session.interrupt();
    const before = view.bytes;
    expect(await command.ended).toMatchObject({ status: 130 });
    // What the terminal was handed, and what `yes` wrote behind the offset that the host named.
    expect(view.bytes - before).toBeLessThan(128 * 1024);
    expect(await session.run('true').ended).toMatchObject({ status: 0 });
  });

  test('is interrupted once when the answer is lost with the link, whatever runs next', async () => {
    const [session, view] = await openShown(await open());
    const watcher = await open({ address: address({ port: agent.port }), clientId: TWO });
    const isReady = async (): Promise<boolean> => {
      const infos = await watcher.listSessions();
      return infos.some(({ instanceId, ready }) => instanceId === session.info.instanceId && ready);
    };
    // Not an echo of bash itself: an interrupt that comes between that and the program's start is lost to bash.
    session.run(`sh -c 'echo go; exec sleep 60'`);
    await view.shows('go\r\n');
    proxy.mute();
    const interrupted = session.interrupt();
    while (!(await isReady()));
    const next = session.run('read line; echo got $line');
    while (await isReady());
    proxy.cut();
    await interrupted;
    session.write(Buffer.from('it\n'));
    expect(await next.ended).toMatchObject({ status: 0 });
    await view.shows('got it\r\n');
  });

  test('is taken by another client only with force, which shows the screen and goes on', async () => {
    const first = await open({ clientId: ONE, clientName: 'one' });
    const [session] = await openShown(first);
    const command = session.run('echo before; read line; echo after $line');
    await command.accepted;
    const second = await open({ clientId: TWO, clientName: 'two' });
    const { instanceId } = session.info;
    await expect(second.connectSession(instanceId)).rejects.toMatchObject({ id: 'SessionHeldElsewhere' });
    const lost = new Promise<string>((resolve) => session.onState((_, { reason }) => resolve(reason)));
    const taken = await second.connectSession(instanceId, { force: true });
    expect(taken).toMatchObject({ state: 'Opened', availability: 'Busy' });
    expect(await lost).toContain('two');
    expect(session).toMatchObject({ state: 'Disconnected', availability: 'Busy' });
    await expect(command.ended).rejects.toMatchObject({ id: 'SessionTaken' });
    const view = new RecordingView();
    expect(await taken.show(view)).toMatchObject({ snapshot: true });
    await view.shows('before');
    taken.write(Buffer.from('keys\n'));
    await view.shows('after keys');
    expect(first.linkState).toBe('Connected');
  });

  test('is Closed when its shell ends, and says so', async () => {
    const [session] = await openShown(await open());
    const closed = new Promise((resolve) => session.onState((state) => resolve(state)));
    const command = session.run('exec sh -c "exit 3"');
    await expect(command.ended).rejects.toMatchObject({ id: 'SessionExited' });
    expect(await closed).toBe('Closed');
    expect(session.info).toMatchObject({ state: 'Exited', exitStatus: 3 });
    await expect(session.run('true').ended).rejects.toMatchObject({ id: 'SessionExited' });
  });

  test('is Closed when its shell is killed, and names the signal', async () => {
    const [session] = await openShown(await open());
    const closed = new Promise<string>((resolve) => session.onState((_, { reason }) => resolve(reason)));
    await expect(session.run('kill -9 $$').ended).rejects.toMatchObject({ id: 'SessionExited' });
    expect(await closed).toBe('The shell was ended by SIGKILL');
  });

  test('can be hidden and shown again from where it was', async () => {
    const [session, view] = await openShown(await open());
    await session.run('echo one').ended;
    await session.hide();
    await session.run('echo two').ended;
    expect(view.take()).toBe('one\n');
    expect(await session.show(view, 'here')).toMatchObject({ snapshot: false });
    await view.shows('two');
    expect(view.snapshots).toBe(0);
    await session.hide();
    expect(await session.show(view)).toMatchObject({ snapshot: true });
    await view.shows('one');
    expect(view.snapshots).toBe(1);
  });
});

describe('Connection.run()', () => {
  test('gives stdout, stderr and the status apart', async () => {
    const kept = collect();
    expect(await (await open()).run('echo out; echo err >&2; exit 3', kept)).toEqual({ status: 3 });
    expect(kept).toMatchObject({ out: 'out\n', err: 'err\n' });
  });

  test('loses no byte of 20 MB either way while the link is cut', async () => {
    const connection = await open();
    const block = Buffer.alloc(100_000, 'x');
    const hash = createHash('sha1');
    const kept = collect();
    async function* source(): AsyncGenerator<Buffer> {
      for (let index = 0; index < 200; index += 1) yield block;
    }
    let bytes = 0;
    let cutAt = 0;
    const onStdout = (chunk: Buffer): void => {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes < cutAt) return;
      cutAt = bytes + 250_000;
      proxy.cut();
    };
    expect(await connection.run('tee >(sha1sum >&2)', { ...kept, onStdout, stdin: source() })).toEqual({ status: 0 });
    expect(bytes).toBe(20_000_000);
    expect(kept.err).toContain(hash.digest('hex'));
  });

  test('stops a command when the signal aborts', async () => {
    const stop = new AbortController();
    const onStdout = (): void => stop.abort();
    const running = (await open()).run('echo go; sleep 100', { ...collect(), onStdout, signal: stop.signal });
    await expect(running).rejects.toMatchObject({ id: 'OperationStopped' });
  });

  test('ends with the error of whoever takes the output', async () => {
    const onStdout = (): never => {
      throw new Error('disk full');
    };
    await expect((await open()).run('echo x', { ...collect(), onStdout })).rejects.toThrow('disk full');
  });
});

describe('connect()', () => {
  test('refuses another host key, and a host that is not known, without a question', async () => {
    await expect(open({ address: address({ hostKey: `SHA256:${'A'.repeat(43)}` }) })).rejects.toMatchObject({
      id: 'HostKeyChanged',
    });
    const { hostKey: _, ...unpinned } = { ...address(), hostKey: '' };
    const knownHostsFiles = [join(agent.home, 'no_known_hosts')];
    await expect(open({ address: unpinned, knownHostsFiles })).rejects.toMatchObject({
      id: 'HostKeyUnknown',
    });
  });

  test('asks about a new host, waits for the answer however long, and remembers it', async () => {
    const { hostKey: _, ...unpinned } = { ...address(), hostKey: '' };
    const knownHostsFiles = [join(agent.home, 'known_hosts')];
    const asked: string[] = [];
    const options = {
      address: unpinned,
      knownHostsFiles,
      settings: { connectTimeoutMs: 1_000 },
      confirmHostKey: async ({ fingerprint }: { fingerprint: string }) => {
        asked.push(fingerprint);
        await new Promise((resolve) => {
          setTimeout(resolve, 1_200);
        });
        return true;
      },
    };
    await open(options);
    await open(options);
    expect(asked).toEqual([agent.fingerprint]);
  });

  test('says in one line why a host cannot be reached, or does not answer', async () => {
    const closed = await FaultLink.start(() => 1);
    const { port } = closed;
    await closed[Symbol.asyncDispose]();
    await expect(open({ address: address({ port }) })).rejects.toMatchObject({
      id: 'ConnectionRefused',
      message: expect.stringContaining('nothing listens there'),
    });
    proxy.freeze();
    onTestFinished(() => proxy.thaw());
    await expect(open({ settings: { connectTimeoutMs: 100 } })).rejects.toMatchObject({ id: 'HandshakeTimeout' });
  });
});

describe('Remoting', () => {
  test('numbers, finds, disconnects, connects and removes sessions as two clients see them', async () => {
    const hosts = new HostsFile([address()]);
    const one = new Remoting({ environment: agent.environment, hosts, clientId: ONE });
    const two = new Remoting({ environment: agent.environment, hosts, clientId: TWO });
    onTestFinished(async () => void (await Promise.all([one.goodbyeAll(), two.goodbyeAll()])));
    const mine = await one.newSession({ computerName: 'SRV1', ...SIZE });
    expect(mine).toMatchObject({
      Id: 1,
      Name: 'Session1',
      ComputerName: 'srv1',
      State: 'Opened',
      Availability: 'Available',
    });
    const find = async (remoting: Remoting) =>
      (await remoting.querySessions('srv1')).find(({ InstanceId }) => InstanceId === mine.InstanceId);
    expect(await find(one)).toBe(mine);
    const theirs = await find(two);
    expect(theirs).toMatchObject({ Id: 1, State: 'Disconnected', Availability: 'Busy', remote: undefined });
    expect(two.sessions).toEqual([]);

    await one.disconnect(mine, { idleTimeoutMs: 60_000 });
    expect(mine).toMatchObject({ State: 'Disconnected', Availability: 'None', IdleTimeout: 60_000 });
    expect(mine.ExpiresOn?.getTime()).toBe((mine.DisconnectedOn?.getTime() ?? 0) + 60_000);
    expect(await find(two)).toBe(theirs);
    expect(theirs).toMatchObject({ State: 'Disconnected', Availability: 'None' });

    if (theirs === undefined) throw new Error('It was not found');
    await two.connect(theirs);
    expect(theirs).toMatchObject({ State: 'Opened', Availability: 'Available', DisconnectedOn: undefined });
    expect(two.sessions).toEqual([theirs]);
    await find(one);
    expect(mine).toMatchObject({ State: 'Disconnected', Availability: 'Busy' });

    await two.remove(theirs);
    expect(theirs).toMatchObject({ State: 'Closed', Availability: 'None' });
    expect(two.sessions).toEqual([]);
    expect(await find(one)).toBeUndefined();
  });

  test('another user of a host has a connection of their own, and their sessions are reached as that user', async () => {
    const hosts = new HostsFile([address({ user: 'nobody-here' })]);
    const remoting = new Remoting({ environment: agent.environment, hosts });
    onTestFinished(async () => void (await remoting.goodbyeAll()));
    await expect(remoting.newSession({ computerName: 'srv1', ...SIZE })).rejects.toMatchObject({
      id: 'AccessDenied',
      message: expect.stringContaining('as nobody-here'),
    });
    const { username } = userInfo();
    const mine = await remoting.newSession({ computerName: `${username}@SRV1`, ...SIZE });
    expect(mine).toMatchObject({ ComputerName: 'srv1', target: `${username}@srv1`, State: 'Opened' });
    // The agent takes a name in capitals for its user's; to a client it is another one.
    const other = await remoting.newSession({ computerName: `${username.toUpperCase()}@srv1`, ...SIZE });
    expect(remoting.connections).toHaveLength(2);
    expect(await remoting.querySessions(other.target)).toContain(other);

    (await remoting.connection(mine.target)).close();
    expect(mine.State).not.toBe('Opened');
    await remoting.connect(mine, { force: true });
    expect([mine.State, other.State]).toEqual(['Opened', 'Opened']);
    await remoting.remove(mine);
    await remoting.remove(other);
  });

  test('says goodbye: idle sessions close, busy ones stay', async () => {
    const remoting = new Remoting({ environment: agent.environment, hosts: new HostsFile([address()]) });
    const idle = await remoting.newSession({ computerName: 'srv1', ...SIZE, name: 'idle' });
    const busy = await remoting.newSession({ computerName: 'srv1', ...SIZE, name: 'busy' });
    await idle.remote?.run('true').ended;
    await busy.remote?.run('read line').accepted;
    const { closed, left, failed } = await remoting.goodbyeAll();
    expect([closed, left, failed]).toEqual([[idle], [busy], []]);
    expect(idle.State).toBe('Closed');
    expect(busy).toMatchObject({ State: 'Disconnected', Availability: 'None' });
    await remoting.remove(busy);
    await remoting.goodbyeAll();
  });
});

describe('the local session host', () => {
  test('is started, found again, reached over a long path, and missed when it ends', async () => {
    await using machine = new RealAgent(200);
    const options = { environment: machine.environment };
    const first = await connect('.', { ...options, clientId: ONE });
    expect(first.computerName).toBe('localhost');
    const [session, view] = await openShown(first);
    expect(await session.run('echo $HOME').ended).toMatchObject({ status: 0 });
    expect(view.take()).toBe(`${machine.home}\n`);
    const second = await connect('localhost', { ...options, clientId: TWO });
    const status = await second.status();
    expect((await first.status()).pid).toBe(status.pid);
    expect(await second.listSessions()).toMatchObject([{ instanceId: session.info.instanceId }]);

    const ended = new Promise<string>((resolve) => session.onState((state) => resolve(state)));
    process.kill(status.pid, 'SIGKILL');
    expect(await ended).toBe('Broken');
    expect(first.linkState).toBe('Closed');
    await expect(first.listSessions()).rejects.toMatchObject({ id: 'HostUnavailable' });
    second.close();
    const third = await connect('.', options);
    expect((await third.status()).pid).not.toBe(status.pid);
    third.close();
  }, 20_000);

  test('is not looked for in a folder that others can write to', async () => {
    await using machine = new RealAgent();
    const folder = join(machine.home, 'file');
    writeFileSync(folder, '');
    const environment = { ...machine.environment, HOLDFAST_RUNTIME_DIR: folder };
    await expect(connect('.', { environment })).rejects.toThrow(folder);
  });
});
