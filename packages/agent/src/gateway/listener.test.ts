import { once } from 'node:events';
import https from 'node:https';
import { connect as connectTcp } from 'node:net';
import { userInfo } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { EVENTS, FrameKind, REQUESTS, encodeControl, encodeMessage } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { GatewaySettings } from './settings.ts';
import type { RunningGateway } from './start-gateway.ts';
import { TestClient, openSocket } from './testing/test-client.ts';
import { TestHome, startTestGateway, type LogLine } from './testing/test-gateway.ts';

/** Some of this machine's addresses. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];

/** Longer than any of these tests, so that nobody who is to wait is sent away. */
const PATIENCE_MS = 120_000;

let home: TestHome;
let gateway: RunningGateway & { lines: LogLine[] };

beforeEach(async () => {
  home = new TestHome();
  gateway = await startTestGateway(home);
});

afterEach(async () => {
  await gateway.stop('The test is over');
  home[Symbol.dispose]();
});

async function restart(settings: Partial<GatewaySettings>): Promise<void> {
  await gateway.stop('Another one comes');
  gateway = await startTestGateway(home, { settings });
}

async function expectAlive(): Promise<void> {
  const client = await TestClient.connect({ port: gateway.port, key: home.key });
  client.close();
  await client.closed;
}

/** Those who left are noticed at some later moment. */
async function expectRoom(): Promise<void> {
  await expect
    .poll(() =>
      expectAlive().then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
}

function refusals(): string[] {
  return gateway.lines.filter(({ event }) => event === 'client.refused').map(({ reason }) => String(reason));
}

/** All that a raw TCP or TLS connection answers until it closes. */
async function speak(bytes: string | Buffer, tls: boolean): Promise<string> {
  const options = { port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false };
  const socket = tls ? connectTls(options) : connectTcp(options);
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

describe('who is no client', () => {
  test('a browser gets 426 and one line', async () => {
    const request = https.get({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false });
    const [response] = await once(request, 'response');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(response.statusCode).toBe(426);
    expect(text).toBe('This is a Holdfast agent: connect with holdfast, not with a browser\n');
    await expectAlive();
  });

  test('plain HTTP gets one line', async () => {
    const answer = await speak('GET / HTTP/1.1\r\nHost: x\r\n\r\n', false);
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*\r\n\r\nThis port speaks TLS: connect with holdfast\n$/);
    expect(refusals()).toEqual(['TLS did not come about: http request']);
    await expectAlive();
  });

  test('garbage instead of TLS is closed and logged with its address', async () => {
    await speak(Buffer.alloc(2000, 0xa5), false);
    expect(gateway.lines.find(({ event }) => event === 'client.refused')).toMatchObject({
      address: '127.0.0.1',
      reason: expect.stringContaining('TLS did not come about'),
    });
    await expectAlive();
  });

  test('garbage inside TLS is closed and logged', async () => {
    expect(await speak('\u0000\u0001garbage\r\n\r\n', true)).toContain('400 Bad Request');
    expect(refusals()).toHaveLength(1);
    await expectAlive();
  });

  test('TLS 1.2 is refused', async () => {
    const socket = connectTls({
      port: gateway.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    const [error] = await once(socket, 'error');
    expect(String(error)).toMatch(/version/);
    await expectAlive();
  });

  test.each([
    ['a page of another origin', { Origin: 'https://evil.example' }, '/', 403],
    ['another path', {}, '/shell', 404],
  ])('a WebSocket of %s is refused', async (_, headers, path, status) => {
    await expect(openSocket(gateway.port, headers, path)).rejects.toThrow(`Unexpected server response: ${status}`);
    expect(refusals()[0]).toContain(String(status));
    await expectAlive();
  });

  const upgrade = (head: string): string =>
    `GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: holdfast.v1\r\n${head}\r\n`;
  const refused: [what: string, head: string][] = [
    ['no Host', ''],
    ['two Hosts', 'Host: 127.0.0.1\r\nHost: evil.example\r\n'],
    ['an empty Host', 'Host:\r\n'],
    ['a Host with a path', 'Host: 127.0.0.1/x\r\n'],
    ['a Host with a user', 'Host: root@127.0.0.1\r\n'],
    ['two names in its Host', 'Host: 127.0.0.1, evil.example\r\n'],
    ['an Origin', 'Host: 127.0.0.1\r\nOrigin: https://evil.example\r\n'],
    ['no name as Origin', 'Host: 127.0.0.1\r\nOrigin: null\r\n'],
    ['the same Origin as its Host', 'Host: 127.0.0.1:7433\r\nOrigin: https://127.0.0.1:7433\r\n'],
    [
      'two Origins, one of them allowed',
      'Host: a\r\nOrigin: https://admin.example\r\nOrigin: https://evil.example\r\n',
    ],
    ['a name that is not ours', 'Host: evil.example\r\n'],
  ];

  test('a WebSocket of another name, or of a page, gets the same bytes each time, and is logged', async () => {
    await restart({ allowedOrigins: ['https://admin.example'], allowedHosts: ['127.0.0.1', 'srv1.example'] });
    const answers = new Set<string>();
    for (const [, head] of refused) answers.add(await speak(upgrade(head), true));
    answers.add(await speak(upgrade('Host: 127.0.0.1\r\n').replace('HTTP/1.1', 'HTTP/1.0'), true));
    expect([...answers]).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 403 [\s\S]*\r\n\r\nThis request is refused: connect with holdfast\n$/),
    ]);
    expect(refusals()).toHaveLength(refused.length + 1);
    expect(new Set(refusals()).size).toBe(refused.length + 1);
    await expectAlive();
  });

  test.each(['127.0.0.1', '127.0.0.1:7433', 'SRV1.Example.', '[::1]:7433', '[::1]'])(
    'a WebSocket for %s, which is named, comes through',
    async (host) => {
      await restart({ allowedHosts: ['127.0.0.1', 'srv1.example', '::1'] });
      (await openSocket(gateway.port, { Host: host })).terminate();
    },
  );

  test.each(['srv1', 'host_with_line.example:7433', '[2001:db8::1]', '10.0.0.1'])(
    'any name does where none is configured: %s',
    async (host) => (await openSocket(gateway.port, { Host: host })).terminate(),
  );

  test('an absolute path is none of ours', async () => {
    const asked = upgrade('Host: 127.0.0.1\r\n').replace('GET /', 'GET https://127.0.0.1/');
    expect(await speak(asked, true)).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('a configured origin is let through to authentication', async () => {
    await restart({ allowedOrigins: ['https://admin.example'] });
    const socket = await openSocket(gateway.port, { Origin: 'https://admin.example' });
    socket.terminate();
  });

  test('a WebSocket without our subprotocol is refused', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${gateway.port}/`, { rejectUnauthorized: false });
    await expect(once(socket, 'open')).rejects.toThrow('Unexpected server response: 400');
  });
});

describe('before authentication', () => {
  test.each([
    ['a text message', 'hello', 4400],
    ['a frame of unknown kind', Buffer.alloc(100, 0xa5), 4400],
    ['control that is no JSON', encodeControl(FrameKind.control, 0, Buffer.from('no')), 4400],
    ['a hello without its fields', encodeControl(FrameKind.control, 0, Buffer.from('{"type":"hello"}')), 4400],
    ['a request', encodeControl(FrameKind.control, 0, Buffer.from('{"type":"session.list","id":1}')), 4400],
    ['more than 16 KiB', encodeControl(FrameKind.control, 0, Buffer.alloc(20_000, 32)), 4400],
    ['a frame over the limit', Buffer.alloc(70_000), 1009],
  ])('%s closes with a code, is logged, and the agent lives', async (_, message, code) => {
    const socket = await openSocket(gateway.port);
    socket.send(message);
    const [closeCode] = await once(socket, 'close');
    expect(closeCode).toBe(code);
    expect(refusals()).toHaveLength(1);
    await expectAlive();
  });

  test('silence ends at the time limit', async () => {
    await restart({ handshakeTimeoutMs: 200 });
    const socket = await openSocket(gateway.port);
    const [code] = await once(socket, 'close');
    expect(code).toBe(4401);
    expect(refusals()).toEqual([expect.stringContaining('within 0.2 s')]);
  });

  test('silence without TLS ends too', async () => {
    await restart({ handshakeTimeoutMs: 100 });
    const socket = connectTcp(gateway.port, '127.0.0.1').on('error', () => {});
    await once(socket, 'close');
    await expect(openSocket(gateway.port, {}, '/shell')).rejects.toThrow('404');
    expect(refusals()).toEqual(['It did not authenticate in time', expect.stringContaining('404')]);
  });

  test('who leaves before TLS is there is logged once, with their address', async () => {
    const socket = connectTcp({ port: gateway.port, host: '127.0.0.1', localAddress: '127.0.0.7' });
    await once(socket, 'connect');
    socket.end();
    await once(socket.resume(), 'close');
    await expectAlive();
    expect(gateway.lines.filter(({ event }) => event === 'client.refused')).toMatchObject([
      { address: '127.0.0.7', reason: 'It left before TLS came about' },
    ]);
  });

  test('a wrong key is refused, and logged with user, key and address', async () => {
    const stranger = home.makeKey('id_stranger');
    await expect(TestClient.connect({ port: gateway.port, key: stranger })).rejects.toMatchObject({
      id: 'AccessDenied',
    });
    await expect
      .poll(() => gateway.lines.find(({ event }) => event === 'client.refused'))
      .toMatchObject({
        user: userInfo().username,
        key: expect.stringMatching(/^SHA256:/),
        address: '127.0.0.1',
        reason: expect.any(String),
      });
    await expectAlive();
    expect(refusals()).toHaveLength(1);
  });

  test('a long path leaves no long line in the log', async () => {
    await expect(openSocket(gateway.port, {}, `/${'x'.repeat(8000)}`)).rejects.toThrow('404');
    expect(refusals()[0]?.length).toBe(500);
  });

  test('another user is refused the same way', async () => {
    const attempt = TestClient.connect({ port: gateway.port, key: home.key, user: 'nobody-here' });
    await expect(attempt).rejects.toMatchObject({ id: 'AccessDenied' });
  });

  test('a ticket lets in without a key, also after the gateway was started anew', async () => {
    const first = await TestClient.connect({ port: gateway.port, key: home.key });
    first.close();
    await restart({});
    const second = await TestClient.connect({
      port: gateway.port,
      key: home.makeKey('id_other'),
      ticket: first.ticket,
      clientId: first.clientId,
    });
    expect(second.resumed).toBe(true);
    second.close();
  });
});

test('a ticket that is over lets nobody in, and the key is asked for again', async () => {
  await restart({ ticketLifetimeMs: 1 });
  const { ticket, clientId } = await TestClient.connect({ port: gateway.port, key: home.key });
  await expect.poll(() => Date.now()).toBeGreaterThan(ticket?.expiresAt ?? Infinity);
  const stranger = { port: gateway.port, key: home.makeKey('id_other'), ticket, clientId };
  await expect(TestClient.connect(stranger)).rejects.toMatchObject({ id: 'AccessDenied' });
  const again = await TestClient.connect({ ...stranger, key: home.key });
  expect(again.resumed).toBe(false);
});

describe('what goes the other way', () => {
  const event = { seq: 1, at: 0, agoMs: 0, reason: 'x', retryAfterMs: 1 };
  test.each(
    [
      { type: 'reply', id: 1 },
      { type: 'error', id: 1, error: 'x', message: 'x' },
    ].concat(Object.keys(EVENTS).map((type) => ({ type, ...event })) as never[]),
  )('$type of a client ends its link', async (message) => {
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    for (const frame of encodeMessage(0, message)) client.link.transport.send(frame);
    expect(await client.closed).toMatchObject({ code: 4400, reason: expect.stringContaining('goes the other way') });
  });

  test.each(Object.keys(REQUESTS))('%s before authentication ends the connection', async (type) => {
    const socket = await openSocket(gateway.port);
    socket.send(encodeControl(FrameKind.control, 0, Buffer.from(JSON.stringify({ type, id: 1 }))));
    expect((await once(socket, 'close'))[0]).toBe(4400);
    expect(refusals()).toEqual([expect.stringContaining('hello is expected')]);
  });
});

describe('too many connections', () => {
  test('above the limit of one address is told so, and room comes back when they leave', async () => {
    await restart({ maxUnauthenticatedPerAddress: 3 });
    const sockets = [await openSocket(gateway.port), await openSocket(gateway.port), await openSocket(gateway.port)];
    await expect(openSocket(gateway.port)).rejects.toThrow('Unexpected server response: 429');
    expect(refusals()[0]).toContain('3 connections from 127.0.0.1 have not authenticated');
    for (const socket of sockets) socket.terminate();
    await expectRoom();
  });

  test('authenticated ones do not count against those that come', async () => {
    await restart({ maxUnauthenticatedPerAddress: 2 });
    const clients: TestClient[] = [];
    for (let count = 0; count < 6; count += 1) {
      clients.push(await TestClient.connect({ port: gateway.port, key: home.key }));
    }
    for (const client of clients) client.close();
  });

  test('above the limit in total is told so, from whatever addresses they come', async () => {
    await restart({ maxUnauthenticated: 5, maxUnauthenticatedPerAddress: 64, handshakeTimeoutMs: PATIENCE_MS });
    const sockets: WebSocket[] = [];
    for (const address of ADDRESSES) sockets.push(await openSocket(gateway.port, {}, '/', address));
    await expect(openSocket(gateway.port)).rejects.toThrow('Unexpected server response: 429');
    expect(refusals()).toEqual(['429: 5 connections have not authenticated yet: try again later']);
    for (const socket of sockets) socket.terminate();
    await expectRoom();
  });

  test('above the limit of those who are in is told so, from another address too', async () => {
    await restart({ maxConnections: 1 });
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    for (const address of ADDRESSES) {
      await expect(openSocket(gateway.port, {}, '/', address)).rejects.toThrow('Unexpected server response: 429');
    }
    const told = '429: 1 clients are connected, which is the limit: try again later';
    expect(refusals()).toEqual(ADDRESSES.map(() => told));
    client.close();
    await expectRoom();
  });

  test.each([
    ['one address', { maxUnauthenticatedPerAddress: 4, maxUnauthenticated: 64 }, ['127.0.0.1'], 8],
    ['many addresses', { maxUnauthenticatedPerAddress: 64, maxUnauthenticated: 5 }, ADDRESSES, 10],
  ])('a flood of bare TCP connections from %s is dropped, and the agent lives', async (_, limits, from, kept) => {
    await restart({ ...limits, handshakeTimeoutMs: PATIENCE_MS });
    const sockets = Array.from({ length: 60 }, (__, at) => {
      const localAddress = from[at % from.length];
      return connectTcp({ port: gateway.port, host: '127.0.0.1', localAddress }).on('error', () => {});
    });
    // Twice the limit is told so, each by name; nobody is told anything above that.
    await expect.poll(() => refusals()).toHaveLength(60 - kept);
    expect(new Set(refusals())).toEqual(new Set(['Too many connections wait for authentication']));
    for (const socket of sockets) socket.destroy();
    await expectRoom();
  });
});

describe('an open link', () => {
  test('is told to come back later when the gateway stops', async () => {
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    await gateway.stop('The agent was stopped (SIGTERM)');
    expect(await client.closed).toEqual({ code: 4503, reason: 'The agent was stopped (SIGTERM)' });
    expect(client.events).toEqual([
      {
        channel: 0,
        event: { type: 'connection.goaway', reason: 'The agent was stopped (SIGTERM)', retryAfterMs: 250 },
      },
    ]);
    gateway = await startTestGateway(home);
  });

  test('answers pings, and is kept while the client answers or speaks', async () => {
    await restart({ suspectAfterMs: 100, deadAfterMs: 300 });
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(client.link.closed).toBeUndefined();
    client.close();
  });

  test('is given up when the client is silent for long', async () => {
    await restart({ suspectAfterMs: 100, deadAfterMs: 300 });
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    client.socket.pause();
    await expect
      .poll(() => gateway.lines.find(({ event }) => event === 'client.disconnected'), { timeout: 5000 })
      .toBeDefined();
    client.socket.terminate();
  });
});
