import {
  CloseCode,
  FrameKind,
  RemotingError,
  StreamTransport,
  encodeData,
  encodePing,
  type IncomingRequest,
} from '@holdfast/protocol';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { resolveClientSettings, type ClientSettings } from './client-settings.ts';
import { Connection } from './connection.ts';
import type { LinkDetail, LinkState } from './link-status.ts';
import type { RemoteSession } from './remote-session.ts';
import { ResumableLink } from './resumable-link.ts';
import { RecordingView } from './testing/recording-view.ts';
import { ScriptedHost, commandEnded, sessionInfo, type HostSide } from './testing/scripted-host.ts';

const CLIENT_ID = '00000000-0000-4000-8000-00000000000c';
const ATTACHMENT = { attachmentId: '00000000-0000-4000-8000-0000000000bb', inputReceived: 0, incarnation: 'one' };
const ADDRESS = { kind: 'agent', computerName: 'srv1', host: '127.0.0.1', port: 1, path: '/' } as const;
const QUICK: Partial<ClientSettings> = { retryStepMs: 5, attemptTimeoutMs: 500, patientStepMs: 20 };

async function start(settings: Partial<ClientSettings> = {}) {
  const host = await ScriptedHost.start();
  onTestFinished(() => host.stop());
  host.onRequest = answer;
  const resolved = resolveClientSettings({ ...QUICK, ...settings }, {});
  const link = await ResumableLink.open(host.dial, resolved, AbortSignal.timeout(5000));
  const connection = new Connection({ link }, { address: ADDRESS, clientId: CLIENT_ID, environment: {} });
  onTestFinished(() => connection.close());
  const states: { state: LinkState; detail: LinkDetail }[] = [];
  connection.onLinkState((state, detail) => states.push({ state, detail }));
  await host.arrived(1);
  return { host, connection, states };
}

/** What a host with one session answers. */
function answer(request: IncomingRequest, _side: HostSide): unknown {
  switch (request.type) {
    case 'session.open':
    case 'session.connect':
      return { session: sessionInfo(), attachment: ATTACHMENT };
    case 'connection.resume':
      return {
        channels: request.body.channels.map(({ channel }) => ({ channel, inputReceived: 0, session: sessionInfo() })),
      };
    case 'command.run':
      return { accepted: true };
    case 'session.list':
      return { sessions: [sessionInfo()] };
    case 'session.interrupt':
      return { skipTo: 0, inputDropped: 0 };
    default:
      return {};
  }
}

function reached(connection: Connection, wanted: LinkState): Promise<LinkDetail> {
  return new Promise((resolve) => {
    const stop = connection.onLinkState((state, detail) => {
      if (state !== wanted) return;
      stop();
      resolve(detail);
    });
  });
}

function ended(session: RemoteSession): Promise<{ state: string; reason: string; unsent: string }> {
  return new Promise((resolve) => {
    session.onState((state, { reason, unsentInput }) =>
      resolve({ state, reason, unsent: Buffer.from(unsentInput).toString() }),
    );
  });
}

function spin(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

function inputOf(side: HostSide): string {
  return side.frames
    .flatMap((frame) => (frame.kind === FrameKind.data ? [`${frame.offset}:${frame.payload.toString()}`] : []))
    .join(' ');
}

describe('ResumableLink', () => {
  test('asks again on the next link what was not answered on the lost one', async () => {
    const { host, connection } = await start();
    const asked = Promise.withResolvers<void>();
    host.onRequest = () => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    const list = connection.listSessions();
    await asked.promise;
    host.onRequest = answer;
    host.cut();
    expect(await list).toMatchObject([{ name: 'Test' }]);
    expect(host.current.requests.map((request) => request.type)).toEqual(['session.list']);
  });

  test('resumes sessions, then sends what the host lacks, each byte and command in its place', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.onDial = () => Promise.reject(new RemotingError('ConnectionRefused', 'down'));
    host.cut();
    await reached(connection, 'Reconnecting');
    session.write(Buffer.from('one'));
    const command = session.run('make');
    session.write(Buffer.from('two'));
    expect(Buffer.from(session.unsentInput).toString()).toBe('onetwo');
    expect(session.state).toBe('Opened');
    host.onDial = () => Promise.resolve();
    const order: string[] = [];
    host.onRequest = (request, side) => {
      order.push(request.type);
      return answer(request, side);
    };
    host.onFrame = (frame) => order.push(frame.kind === FrameKind.data ? frame.payload.toString() : 'ack');
    await command.accepted;
    host.current.link.sendEvent(1, commandEnded(command.commandId, { seq: 1, at: 0 }));
    expect(await command.ended).toMatchObject({ status: 0 });
    expect(order).toEqual(['connection.resume', 'one', 'command.run', 'two']);
    expect(host.current.requests[0]?.body).toMatchObject({
      attempt: 1,
      channels: [{ channel: 1, attachmentId: ATTACHMENT.attachmentId, incarnation: 'one', receivedTo: 0, eventsTo: 0 }],
    });
  });

  test('puts keys and commands on the link before the call returns', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    const sent = vi.spyOn(StreamTransport.prototype, 'send');
    onTestFinished(() => sent.mockRestore());
    session.write(Buffer.from('x'));
    expect(sent).toHaveBeenCalledTimes(1);
    session.run('make');
    expect(sent).toHaveBeenCalledTimes(2);
    void session.interrupt();
    expect(sent).toHaveBeenCalledTimes(3);
    await connection.listSessions();
    expect(host.current.requests.map((request) => request.type).slice(1)).toEqual([
      'command.run',
      'session.interrupt',
      'session.list',
    ]);
  });

  test('interrupts once, however often it was pressed while the link was down', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.cut();
    await reached(connection, 'Reconnecting');
    session.write(Buffer.from('never sent'));
    await Promise.all([session.interrupt(), session.interrupt(), session.interrupt()]);
    await connection.listSessions();
    const types = host.current.requests.map((request) => request.type);
    expect(types).toEqual(['connection.resume', 'session.interrupt', 'session.list']);
    expect(inputOf(host.current)).toBe('');
  });

  test('asks again for an interrupt under the same id, before all that was typed after it', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    const asked = Promise.withResolvers<void>();
    const log: string[] = [];
    host.onRequest = (request, side) => {
      log.push(request.type === 'session.interrupt' ? String(request.body.interruptId) : request.type);
      if (request.type !== 'session.interrupt') return answer(request, side);
      asked.resolve();
      return host.connections.length === 1 ? new Promise(() => undefined) : answer(request, side);
    };
    host.onFrame = (frame) => log.push(frame.kind === FrameKind.data ? frame.payload.toString() : 'ack');
    const interrupted = session.interrupt();
    await asked.promise;
    const [id] = log;
    host.cut();
    await reached(connection, 'Reconnecting');
    const command = session.run('next');
    session.write(Buffer.from('keys'));
    await Promise.all([interrupted, command.accepted]);
    await connection.listSessions();
    expect(log).toEqual([id, 'connection.resume', id, 'command.run', 'keys', 'session.list']);
    const other = session.interrupt();
    await other;
    expect(log.at(-1)).not.toBe(id);
  });

  test('an interrupt that waits for a link fails with its session', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.onDial = () => Promise.reject(new RemotingError('ConnectionRefused', 'down'));
    host.cut();
    await reached(connection, 'Reconnecting');
    const interrupted = session.interrupt();
    connection.close();
    await expect(interrupted).rejects.toMatchObject({ id: 'SessionExited' });
  });

  test.each([
    ['an open', (connection: Connection) => connection.openSession({ columns: 80, rows: 24 }), 'openId'],
    ['a connect', (connection: Connection) => connection.connectSession(sessionInfo().instanceId), 'connectId'],
  ])('%s that goes again says so, and over which of the links it comes', async (_, ask, id) => {
    const { host, connection } = await start();
    const asked = Promise.withResolvers<IncomingRequest>();
    host.onRequest = (request) => {
      asked.resolve(request);
      return new Promise(() => undefined);
    };
    const session = ask(connection);
    const { body } = await asked.promise;
    host.onRequest = answer;
    host.cut();
    await session;
    expect(body).toMatchObject({ attempt: 0, [id]: expect.any(String) });
    expect(host.current.requests.map((request) => request.body)).toEqual([{ ...body, attempt: 1 }]);
  });

  test('sends bytes again from where the host is, not from where it was', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    session.write(Buffer.from('abcdef'));
    host.onRequest = (request, side) =>
      request.type === 'connection.resume' ? { channels: [{ channel: 1, inputReceived: 4 }] } : answer(request, side);
    host.cut();
    await reached(connection, 'Connected');
    await connection.listSessions();
    expect(inputOf(host.current)).toBe('4:ef');
  });

  test.each([
    ['SessionNotFound', 'Broken'],
    ['IncarnationMismatch', 'Broken'],
    ['SessionTaken', 'Disconnected'],
    ['SessionExited', 'Closed'],
  ])('a resume refused with %s makes a session %s, and its unsent input is not sent anywhere', async (error, state) => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    const end = ended(session);
    host.onRequest = (request, side) =>
      request.type === 'connection.resume'
        ? { channels: [{ channel: 1, error: { error, message: 'no more' } }] }
        : answer(request, side);
    host.cut();
    const command = session.run('never');
    session.write(Buffer.from('keys'));
    expect(await end).toEqual({ state, reason: 'no more', unsent: 'keys' });
    await expect(command.ended).rejects.toMatchObject({ id: error });
    expect(Buffer.from(session.unsentInput).toString()).toBe('keys');
    await connection.listSessions();
    expect(inputOf(host.current)).toBe('');
    expect(host.current.requests.map((request) => request.type)).toEqual(['connection.resume', 'session.list']);
  });

  test.each([
    [[sessionInfo()], 'Disconnected', 'The host let go of it while the link was down; it goes on there'],
    [[sessionInfo({ state: 'Exited' })], 'Broken', 'The host does not have it any more'],
    [[], 'Broken', 'The host does not have it any more'],
  ])('a forgotten attachment makes a session what the host lists: %#', async (sessions, state, why) => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    const end = ended(session);
    const answers: Record<string, unknown> = {
      'connection.resume': { channels: [{ channel: 1, error: { error: 'AttachmentLost', message: 'too late' } }] },
      'session.list': { sessions },
    };
    host.onRequest = (request) => answers[request.type];
    host.cut();
    session.write(Buffer.from('keys'));
    expect(await end).toEqual({ state, reason: expect.stringContaining(why) as string, unsent: 'keys' });
  });

  test('a refusal ends the retries at once, and everything with them', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    let dials = 0;
    host.onDial = () => {
      dials += 1;
      return Promise.reject(new RemotingError('HostKeyChanged', 'another key'));
    };
    const closed = reached(connection, 'Closed');
    const list = connection.listSessions();
    host.cut();
    expect(await closed).toMatchObject({ reason: 'another key' });
    await list.catch(() => undefined);
    await expect(connection.listSessions()).rejects.toMatchObject({ id: 'HostKeyChanged' });
    expect(session.state).toBe('Broken');
    expect(dials).toBe(1);
  });

  test('comes back when the host said, not before', async () => {
    const { host, connection } = await start();
    host.current.link.sendEvent(0, { type: 'connection.goaway', reason: 'upgrade', retryAfterMs: 150 });
    host.current.link.close(CloseCode.goingAway, '');
    expect(await reached(connection, 'Reconnecting')).toMatchObject({ reason: 'upgrade' });
    const down = performance.now();
    await reached(connection, 'Connected');
    expect(performance.now() - down).toBeGreaterThan(140);
  });

  test('tries at once when a key is pressed', async () => {
    const { host, connection } = await start({ patientStepMs: 60_000, patientAfterMs: 0, retryStepMs: 60_000 });
    let fail = Promise.withResolvers<void>();
    host.onDial = () => {
      fail.resolve();
      return Promise.reject(new RemotingError('ConnectionRefused', 'down'));
    };
    host.cut();
    await fail.promise;
    fail = Promise.withResolvers();
    connection.retryNow();
    await fail.promise;
    host.onDial = () => Promise.resolve();
    const connected = reached(connection, 'Connected');
    connection.retryNow();
    await connected;
  });

  test('starts a second link beside a silent one when something waits, and goes on over it', async () => {
    const { host, connection, states } = await start({ unansweredMs: 50 });
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.freeze();
    const [frozen] = host.connections;
    session.write(Buffer.from('x'));
    expect((await reached(connection, 'Suspect')).reason).toContain('No answer');
    host.thaw();
    frozen?.socket.pause();
    await reached(connection, 'Connected');
    await connection.listSessions();
    expect(host.connections.length).toBeGreaterThan(1);
    expect(inputOf(host.current)).toBe('0:x');
    expect(states.map(({ state }) => state)).not.toContain('Reconnecting');
  });

  test('takes along a session whose making the old link tells of while the others are resumed on the new one', async () => {
    const { host, connection } = await start({ unansweredMs: 50 });
    const first = await connection.openSession({ columns: 80, rows: 24 });
    const [old] = host.connections;
    const opening = Promise.withResolvers<unknown>();
    const asked = Promise.withResolvers<void>();
    const resuming = Promise.withResolvers<void>();
    host.onRequest = (request, side) => {
      if (request.type === 'session.open') {
        asked.resolve();
        return opening.promise;
      }
      if (request.type === 'connection.resume' && request.body.channels.length === 1 && side.requests.length === 1) {
        resuming.resolve();
        return second.then(() => answer(request, side));
      }
      return answer(request, side);
    };
    const second = connection.openSession({ columns: 80, rows: 24 });
    await asked.promise;
    host.freeze();
    first.write(Buffer.from('x'));
    await reached(connection, 'Suspect');
    host.thaw();
    // The old link brings no pong, else it would be well again; but then its answer.
    old?.socket.pause();
    await resuming.promise;
    opening.resolve({ session: sessionInfo(), attachment: ATTACHMENT });
    const session = await second;
    await connection.listSessions();
    const resumed = host.current.requests.flatMap(({ type, body }) =>
      type === 'connection.resume' && 'channels' in body ? body.channels.map(({ channel }) => channel) : [],
    );
    expect(resumed).toEqual([1, 2]);
    expect(session.state).toBe('Opened');
  });

  test('what comes in one piece with the answer to a resume is shown as the answer says', async () => {
    const { host, connection } = await start();
    const view = Object.assign(new RecordingView(), { isTerminal: true });
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.onRequest = (request, side) => {
      if (request.type === 'session.show') return { session: sessionInfo(), from: 0, snapshot: false, notShown: 0 };
      if (request.type !== 'connection.resume') return answer(request, side);
      side.socket.cork();
      setImmediate(() => {
        side.link.transport.send(encodeData(FrameKind.data, 1, 0, Buffer.from('a\x1b[6nb\x1b[6nc')));
        side.socket.uncork();
      });
      return { channels: [{ channel: 1, inputReceived: 0, session: sessionInfo(), answered: [{ from: 0, to: 6 }] }] };
    };
    await session.show(view);
    host.cut();
    await view.shows('c');
    expect(view.text).toBe('ab\x1b[6nc');
  });

  test('stays on the old link when that one answers first', async () => {
    const { host, connection } = await start({ unansweredMs: 50 });
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.freeze();
    host.onDial = (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    session.write(Buffer.from('x'));
    await reached(connection, 'Suspect');
    const recovered = reached(connection, 'Connected');
    host.thaw();
    expect((await recovered).reason).toContain('answers again');
    await connection.listSessions();
    expect(host.connections).toHaveLength(1);
    expect(inputOf(host.current)).toBe('0:x');
  });

  test('a program that reads no input does not make a healthy link suspect', async () => {
    const { host, connection, states } = await start({ unansweredMs: 20 });
    const session = await connection.openSession({ columns: 80, rows: 24 });
    session.write(Buffer.from('x'));
    // Pings are answered, the byte is never acknowledged.
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
    expect(states).toEqual([]);
    expect(host.connections).toHaveLength(1);
  });

  test('an idle link that is silent becomes suspect, then dead', async () => {
    const { host, connection, states } = await start({ pingIntervalMs: 40, suspectAfterMs: 80, deadAfterMs: 160 });
    host.freeze();
    host.onDial = () => Promise.reject(new RemotingError('ConnectionRefused', 'down'));
    const detail = await reached(connection, 'Reconnecting');
    expect(detail.reason).toContain('Silent');
    expect(states[0]?.state).toBe('Suspect');
    // Counted from the last sign of life, and not from the suspicion.
    expect(states[0]?.detail.downMs).toBeGreaterThanOrEqual(80);
    expect(detail.downMs).toBeGreaterThanOrEqual(160);
  });

  test('a stalled loop does not end a link that works', async () => {
    const { host, connection, states } = await start({
      pingIntervalMs: 40,
      suspectAfterMs: 80,
      deadAfterMs: 160,
      stallMs: 50,
    });
    spin(400);
    await connection.listSessions();
    expect(states).toEqual([]);
    expect(host.connections).toHaveLength(1);
  });

  test.each([
    ['a stalled loop', () => spin(100)],
    ['a clock that jumped', () => vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)],
  ])('%s makes it ask at once whether the link is alive', async (_, wakeUp) => {
    const { host, connection } = await start({ stallMs: 50, probeTimeoutMs: 50, pingIntervalMs: 100 });
    onTestFinished(() => void vi.restoreAllMocks());
    host.freeze();
    host.onDial = () => Promise.reject(new RemotingError('ConnectionRefused', 'down'));
    const suspect = reached(connection, 'Suspect');
    wakeUp();
    expect((await suspect).reason).toContain('pause of this machine');
  });

  test('gives up on a host that breaks the protocol again and again', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.onRequest = (request, side) => {
      if (request.type === 'connection.resume') setImmediate(() => side.link.transport.send(Buffer.from('nonsense')));
      return answer(request, side);
    };
    const closed = reached(connection, 'Closed');
    host.current.link.transport.send(Buffer.from('nonsense'));
    expect((await closed).reason).toContain('unknown kind');
    expect(session.state).toBe('Broken');
  });

  test('stays with one whose links break the protocol after they have worked for long enough', async () => {
    const { host, connection } = await start({ youngLinkMs: 1 });
    await connection.openSession({ columns: 80, rows: 24 });
    for (let broken = 1; broken < 6; broken += 1) {
      const back = reached(connection, 'Connected');
      spin(2);
      host.current.link.transport.send(Buffer.from('nonsense'));
      await back;
    }
    expect(connection.linkState).toBe('Connected');
  });

  test('close() waits no longer than its time for a host that does not read', async () => {
    const { host, connection } = await start({ closeMs: 20 });
    host.freeze();
    const { socket, link } = host.current;
    const closed = Promise.withResolvers<unknown>();
    socket.once('close', closed.resolve);
    connection.close();
    // Who does not read is told of the end by what it writes.
    const writing = setInterval(() => link.transport.send(encodePing(FrameKind.ping, 0)), 5);
    await closed.promise.finally(() => clearInterval(writing));
  });

  test('close() leaves sessions on the host and ends all waits', async () => {
    const { host, connection } = await start();
    const session = await connection.openSession({ columns: 80, rows: 24 });
    host.onRequest = () => new Promise(() => undefined);
    const list = connection.listSessions();
    connection.close();
    await expect(list).rejects.toMatchObject({ id: 'OperationStopped' });
    expect(session.state).toBe('Disconnected');
    expect(connection.linkState).toBe('Closed');
  });
});
