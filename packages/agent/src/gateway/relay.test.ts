import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { FrameKind, encodeAck, encodeData, type IncomingRequest } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningGateway } from './start-gateway.ts';
import { FakeSessionHost, type FakeHostOptions, type FakeLink } from './testing/fake-session-host.ts';
import { attachedReply, openRequest, sessionInfo } from './testing/session-fixture.ts';
import { TestClient } from './testing/test-client.ts';
import { TestHome, startTestGateway, type LogLine } from './testing/test-gateway.ts';

const NEW = 'zzzzzzzzz-testbuil.sock';
const OLD = 'aaaaaaaaa-oldbuild.sock';

let home: TestHome;
let gateway: RunningGateway & { lines: LogLine[] };
const hosts: FakeSessionHost[] = [];
const clients: TestClient[] = [];

beforeEach(async () => {
  home = new TestHome();
  gateway = await startTestGateway(home);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await gateway.stop('The test is over');
  for (const host of hosts.splice(0)) host.close();
  home[Symbol.dispose]();
});

async function startHost(name: string, options: Partial<FakeHostOptions> = {}): Promise<FakeSessionHost> {
  const host = await FakeSessionHost.start(home.runtimeDir, name, { onRequest: answerSimply, ...options });
  hosts.push(host);
  return host;
}

/** For hosts that never answer. */
async function waitLittle(): Promise<void> {
  await gateway.stop('Another one comes');
  gateway = await startTestGateway(home, { settings: { hostAnswerMs: 700, hostGiveUpMs: 1500 } });
}

async function connect(options: Partial<Parameters<typeof TestClient.connect>[0]> = {}): Promise<TestClient> {
  const client = await TestClient.connect({ port: gateway.port, key: home.key, ...options });
  clients.push(client);
  return client;
}

function answerSimply({ type, body }: IncomingRequest): unknown {
  if (type === 'session.open') return attachedReply({ sessionId: body.sessionId ?? 0, name: body.name ?? 'test' });
  if (type === 'session.list') return { sessions: [] };
  return {};
}

test('the agent of one user takes no grant: nobody else comes in there', async () => {
  const asked: string[] = [];
  await startHost(NEW, { onRequest: (request) => (asked.push(request.type), answerSimply(request)) });
  const client = await connect();
  const request = { instanceId: randomUUID(), user: 'daemon', access: 'read' as const };
  await expect(client.link.request('session.grant', request)).rejects.toMatchObject({ id: 'GrantRefused' });
  expect(asked).toEqual([]);
});

describe('Relay', () => {
  test('passes data, acknowledgements and events on unread, both ways and in order', async () => {
    let fake: FakeLink | undefined;
    const got = Promise.withResolvers<void>();
    const host = await startHost(NEW, {
      onRequest: (request, from) => {
        fake = from;
        return answerSimply(request);
      },
      onFrame: (_, from) => from.frames.length === 2 && got.resolve(),
    });
    const client = await connect();
    await client.link.request('session.open', openRequest(7));
    fake?.link.sendEvent(7, { type: 'session.ready', seq: 1, at: 0, driver: 'bash', cwd: '/' });
    FakeSessionHost.output(host.first.link, 7, 0, Buffer.from('hello'));
    fake?.link.sendEvent(7, { type: 'session.exited', seq: 2, at: 5, status: 0 });
    await client.until(() => client.events[1]);
    expect(client.output(7).toString()).toBe('hello');
    client.link.transport.send(encodeData(FrameKind.data, 7, 0, Buffer.from('keys')));
    client.link.transport.send(encodeAck(7, 5, 100_000));
    await got.promise;
    expect(fake?.frames).toMatchObject([
      { kind: FrameKind.data, channel: 7, offset: 0 },
      { kind: FrameKind.ack, channel: 7, received: 5, limit: 100_000 },
    ]);
    expect(host.links).toHaveLength(1);
    expect(host.links[0]?.hello.caller).toMatchObject({
      roles: expect.arrayContaining(['owner']),
      address: '127.0.0.1',
    });
  });

  test('keeps frames in order that a client sends before its session host is found', async () => {
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    const older = await startHost(OLD, { onRequest: answerSimply });
    const instanceId = randomUUID();
    await startHost(NEW, {
      onRequest: ({ type, body }) => {
        if (type === 'session.list') return { sessions: [sessionInfo({ instanceId })] };
        order.push(type);
        if (type === 'command.run') order.push(body.text);
        return type === 'session.connect' ? attachedReply({ instanceId }) : { accepted: true };
      },
      onFrame: () => {
        order.push('data');
        done.resolve();
      },
    });
    const client = await connect();
    const connected = client.link.request('session.connect', { channel: 3, instanceId, force: false });
    const run = client.link.request('command.run', { channel: 3, commandId: randomUUID(), text: 'x'.repeat(100_000) });
    client.link.transport.send(encodeData(FrameKind.data, 3, 0, Buffer.from('keys')));
    await Promise.all([connected, run, done.promise]);
    expect(order).toEqual(['session.connect', 'command.run', 'x'.repeat(100_000), 'data']);
    expect(older.links.every((link) => link.frames.length === 0)).toBe(true);
  });

  test('makes a session host wait while its client does not read, and loses nothing', async () => {
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(32 * 1024);
    let sent = 0;
    const blocked = Promise.withResolvers<void>();
    const push = (from: FakeLink): void => {
      while (sent < total) {
        piece.writeUInt32BE(sent / piece.length, 0);
        const taken = FakeSessionHost.output(from.link, 1, sent, Buffer.from(piece));
        sent += piece.length;
        if (!taken) return blocked.resolve();
      }
    };
    const host = await startHost(NEW);
    const client = await connect();
    await client.link.request('session.open', openRequest(1));
    const from = host.first;
    from.link.transport.onDrain = () => push(from);
    client.link.transport.pause();
    push(from);
    await blocked.promise;
    // The kernel's buffers and one high-water mark on either side, far below the whole.
    const other = await connect();
    for (let turn = 0; turn < 100; turn += 1) await other.link.request('session.list', {});
    expect(sent).toBeLessThan(total / 2);
    client.link.transport.resume();
    await client.until(() => (client.frames.length * piece.length === total ? true : undefined));
    const numbers = client.frames.map((frame) => (frame.kind === FrameKind.data ? frame.payload.readUInt32BE(0) : -1));
    expect(numbers).toEqual(Array.from({ length: total / piece.length }, (_, index) => index));
  });

  test.each([
    ['a frame of unknown kind', Buffer.of(99, 0, 0, 0, 1)],
    ['an empty frame', Buffer.alloc(0)],
    ['data without an offset', Buffer.of(FrameKind.data, 0, 0, 0, 1)],
    ['an acknowledgement of a wrong length', Buffer.alloc(30, FrameKind.ack)],
    ['control that is no JSON', Buffer.from('\u0001\0\0\0\0nonsense')],
  ])('closes on %s from an authenticated client, and lives', async (_, frame) => {
    await startHost(NEW);
    const client = await connect();
    client.link.transport.send(frame);
    expect(await client.closed).toMatchObject({ code: 4400 });
    const other = await connect();
    expect(await other.link.request('session.list', {})).toEqual({ sessions: [] });
  });

  test('closes on a frame over the limit with a WebSocket code, and lives', async () => {
    const client = await connect();
    client.link.transport.send(Buffer.alloc(64 * 1024, FrameKind.data));
    expect(await client.closed).toMatchObject({ code: 1009 });
    await connect();
  });

  test('answers an unknown operation and a request against its schema, and goes on', async () => {
    const client = await connect();
    const answers: unknown[] = [];
    client.socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.subarray(5).toString())));
    const send = (message: object) =>
      client.socket.send(
        Buffer.concat([Buffer.of(FrameKind.control, 0, 0, 0, 0), Buffer.from(JSON.stringify(message))]),
      );
    send({ type: 'session.fly', id: 901 });
    send({ type: 'session.connect', id: 902, channel: 0 });
    send({ type: 'session.show', id: 903, channel: 44, columns: 80, rows: 24 });
    while (answers.length < 3) await once(client.socket, 'message');
    expect(answers).toMatchObject([
      { type: 'error', id: 901, error: 'UnknownOperation' },
      { type: 'error', id: 902, error: 'InvalidMessage' },
      { type: 'error', id: 903, error: 'AttachmentLost' },
    ]);
  });
});

describe('generations', () => {
  test('opens on the newest host of this build, lists all, and finds a session on an older one', async () => {
    const instanceId = randomUUID();
    const stopped: string[] = [];
    await startHost(OLD, {
      onRequest: ({ type, body }) => {
        if (type === 'session.list') return { sessions: [sessionInfo({ instanceId, name: 'old' })] };
        if (type === 'session.stop') stopped.push(body.instanceId);
        return { session: sessionInfo({ instanceId }) };
      },
    });
    await startHost(NEW, {
      onRequest: ({ type, body }) =>
        type === 'session.list'
          ? { sessions: [sessionInfo({ name: 'new' })] }
          : attachedReply({
              name: type === 'session.open' ? 'opened on new' : '',
              sessionId: 'sessionId' in body ? (body.sessionId ?? 0) : 0,
            }),
    });
    const client = await connect();
    const opened = await client.link.request('session.open', { ...openRequest(1), sessionId: 99 });
    expect(opened.session).toMatchObject({ name: 'opened on new', sessionId: 1 });
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions.map(({ name }) => name).toSorted()).toEqual(['new', 'old']);
    await client.link.request('session.stop', { instanceId });
    expect(stopped).toEqual([instanceId]);
    await expect(client.link.request('session.stop', { instanceId: randomUUID() })).rejects.toMatchObject({
      id: 'SessionNotFound',
    });
  });

  test('keeps no link to an older host that was only asked, so that it can end', async () => {
    const gone = Promise.withResolvers<void>();
    const old = await startHost(OLD, { onClosed: gone.resolve });
    await startHost(NEW);
    const client = await connect();
    await client.link.request('session.list', {});
    await gone.promise;
    expect(old.links).toHaveLength(1);
    await client.link.request('session.list', {});
    expect(old.links).toHaveLength(2);
  });

  test('passes on what it does not know of a session, and misses nothing that it does not need', async () => {
    const instanceId = randomUUID();
    await startHost(OLD, { onRequest: () => ({ sessions: [{ instanceId, name: 'older', oldField: 1 }] }) });
    const client = await connect();
    const answer = once(client.socket, 'message');
    client.link.request('session.list', {}).catch(() => undefined);
    const [data] = await answer;
    const message: unknown = JSON.parse((data as Buffer).subarray(5).toString());
    expect(message).toMatchObject({ type: 'reply', sessions: [{ instanceId, name: 'older', oldField: 1 }] });
  });

  test('lists without a host that hangs, in time', async () => {
    await waitLittle();
    await startHost(OLD, { silent: true });
    await startHost(NEW, { onRequest: () => ({ sessions: [sessionInfo({ name: 'new' })] }) });
    const client = await connect();
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions.map(({ name }) => name)).toEqual(['new']);
  });

  test('lists and resumes nothing, and starts nothing, when no host runs', async () => {
    const client = await connect();
    expect(await client.link.request('session.list', {})).toEqual({ sessions: [] });
    const { channels } = await client.link.request('connection.resume', { channels: [resumeEntry(4)] });
    expect(channels).toMatchObject([{ channel: 4, error: { error: 'AttachmentLost' } }]);
    await expect(client.link.request('session.open', openRequest(1))).rejects.toMatchObject({ id: 'HostUnavailable' });
  });

  test('resumes each channel on the host that knows it, answer first, then its output', async () => {
    const resumeOn = (mine: number, delayMs: number) => async (request: IncomingRequest, from: FakeLink) => {
      if (request.type !== 'connection.resume') return {};
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      setImmediate(() => FakeSessionHost.output(from.link, mine, 0, Buffer.from(`from ${mine}`)));
      return {
        channels: request.body.channels.map(({ channel }) =>
          channel === mine
            ? { channel, inputReceived: 0, session: sessionInfo({}) }
            : { channel, error: { error: 'AttachmentLost', message: 'No' } },
        ),
      };
    };
    const older = await startHost(OLD, { onRequest: resumeOn(1, 100) });
    await startHost(NEW, { onRequest: resumeOn(2, 0) });
    let answered = false;
    let early = 0;
    const client = await connect({ onFrame: () => (answered ? undefined : early++) });
    const { channels } = await client.link.request('connection.resume', {
      channels: [resumeEntry(1), resumeEntry(2), resumeEntry(3)],
    });
    answered = true;
    expect(channels).toMatchObject([
      { channel: 1, inputReceived: 0 },
      { channel: 2, inputReceived: 0 },
      { channel: 3, error: { error: 'AttachmentLost' } },
    ]);
    await client.until(() => (client.frames.length === 2 ? true : undefined));
    expect(early).toBe(0);
    client.link.transport.send(encodeData(FrameKind.data, 1, 0, Buffer.from('to old')));
    await client.link.request('session.resize', { channel: 1, columns: 1, rows: 1 });
    expect(older.links[0]?.frames).toHaveLength(1);
  });

  test('says that no host answers rather than that there are no sessions', async () => {
    await waitLittle();
    await startHost(NEW, { silent: true });
    const client = await connect();
    await expect(client.link.request('session.list', {})).rejects.toMatchObject({ id: 'HostUnavailable' });
  });

  test('calls nothing lost that may be on a host which is only slow, but gives that up in the end', async () => {
    await waitLittle();
    await startHost(OLD, { silent: true });
    await startHost(NEW, {
      onRequest: ({ type, body }) =>
        type === 'connection.resume'
          ? {
              channels: body.channels.map(({ channel }) => ({
                channel,
                error: { error: 'AttachmentLost', message: '' },
              })),
            }
          : {},
    });
    const resume = async () => {
      const { link } = await connect();
      return link.request('connection.resume', { channels: [resumeEntry(1)] });
    };
    const startedAt = performance.now();
    await expect(resume()).rejects.toMatchObject({ id: 'HostUnavailable' });
    await expect
      .poll(() => resume().catch(() => undefined), { timeout: 10_000 })
      .toMatchObject({
        channels: [{ channel: 1, error: { error: 'AttachmentLost' } }],
      });
    expect(performance.now() - startedAt).toBeGreaterThan(1500);
  });

  test('closes a client with a code to come back on when its host dies, and refuses what it had asked', async () => {
    await waitLittle();
    const host = await startHost(NEW, {
      onRequest: (request) => (request.type === 'session.open' ? attachedReply({}) : new Promise(() => {})),
    });
    const client = await connect();
    await client.link.request('session.open', openRequest(1));
    const pending = client.link.request('session.hide', { channel: 1 });
    // Answered on channel 0 only after the one before was passed on.
    await client.link.request('agent.status', {}).catch(() => undefined);
    host.close();
    await expect(pending).rejects.toMatchObject({ id: 'HostUnavailable' });
    expect(await client.closed).toMatchObject({ code: 4503 });
  });

  test('an answer to a resume that is not as agreed does not silence its host', async () => {
    const host = await startHost(NEW, {
      onRequest: ({ type }) => (type === 'connection.resume' ? { channels: 'none' } : { sessions: [] }),
    });
    const client = await connect();
    const resume = client.link.request('connection.resume', { channels: [resumeEntry(1)] });
    await expect(resume).rejects.toMatchObject({ id: 'HostUnavailable' });
    FakeSessionHost.output(host.first.link, 1, 0, Buffer.from('out'));
    expect(await client.until(() => client.frames[0])).toMatchObject({ channel: 1 });
  });

  test('routes standard error of a one-shot on its second channel', async () => {
    const host = await startHost(NEW, {
      onRequest: ({ type }) =>
        type === 'exec.start' ? { attachment: attachedReply({}).attachment } : { sessions: [] },
    });
    const client = await connect();
    const start = { execId: randomUUID(), text: 'true', environment: {}, limit: 1000 };
    await client.link.request('exec.start', { channel: 10, errorChannel: 11, ...start });
    FakeSessionHost.output(host.first.link, 10, 0, Buffer.from('out'));
    FakeSessionHost.output(host.first.link, 11, 0, Buffer.from('err'));
    await client.until(() => (client.frames.length === 2 ? true : undefined));
    client.link.transport.send(encodeAck(11, 3, 1003));
    client.link.transport.send(encodeAck(10, 3, 1003));
    await client.link.request('session.list', {});
    expect(host.links[0]?.frames.map(({ channel }) => channel)).toEqual([11, 10]);
  });
});

function resumeEntry(channel: number) {
  return { channel, attachmentId: randomUUID(), incarnation: 'first', receivedTo: 0, limit: 1000, eventsTo: 0 };
}
