import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { RemotingError } from './errors.ts';
import { encodeControl, encodeData, encodePing, FrameKind } from './frame.ts';
import { handshakeAsClient, type ClientHandshakeOptions } from './handshake-client.ts';
import {
  handshakeAsHost,
  type HostHandshakeOptions,
  type Refusal,
  type TicketGrant,
  type TicketStore,
  type AuthorizeResult,
} from './handshake-host.ts';
import { encodeHandshake, proofData, type HandshakeIo, type Ticket } from './handshake-messages.ts';
import { tlsExporter, transportHandshakeIo, type TransportHandshakeIo } from './handshake-transport.ts';
import { encodeMessage } from './message-codec.ts';
import { keySigner, type Signer } from './ssh/signer.ts';
import { StreamTransport } from './stream-transport.ts';
import { createTlsCertificate } from './tls-certificate.ts';

const signal = new AbortController().signal;
const hostKey = newKey('host');
const userKey = newKey('user');
const strangerKey = newKey('stranger');
const clientId = randomUUID();
const certificate = createTlsCertificate('agent', 2);
const open: { close(): unknown }[] = [];

function newKey(comment: string): Signer {
  return keySigner(generateKeyPairSync('ed25519').privateKey, comment);
}

afterAll(() => {
  for (const thing of open) thing.close();
});

/** Tickets in the clear, for what the store itself does not decide. */
function plainTickets(): TicketStore {
  const issued = new Map<string, TicketGrant & { secret: Buffer }>();
  return {
    issue(grant) {
      const ticket = randomUUID();
      const secret = Buffer.from(randomUUID());
      issued.set(ticket, { ...grant, secret });
      return { ticket, secret: secret.toString('base64'), expiresAt: Date.now() + 1000 };
    },
    open: (ticket) => issued.get(ticket),
  };
}

type HostSide = { options: HostHandshakeOptions; refusals: Refusal[]; asked: { user: string; publicKey: Buffer }[] };

function hostSide(changes: Partial<HostHandshakeOptions> = {}): HostSide {
  const refusals: Refusal[] = [];
  const asked: HostSide['asked'] = [];
  const options: HostHandshakeOptions = {
    hostKey,
    product: 'Holdfast test',
    address: '192.0.2.7',
    authorize: (request) => {
      asked.push(request);
      const known = request.user === 'alice' && request.publicKey.equals(userKey.publicKey);
      return Promise.resolve(
        known ? { accepted: true, user: 'alice', roles: ['owner'] } : { accepted: false, reason: 'Unknown' },
      );
    },
    tickets: plainTickets(),
    onRefused: (refusal) => refusals.push(refusal),
    signal,
    ...changes,
  };
  return { options, refusals, asked };
}

function clientSide(changes: Partial<ClientHandshakeOptions> = {}): ClientHandshakeOptions {
  return {
    user: 'alice',
    clientId,
    clientName: 'laptop:4711',
    checkHostKey: () => Promise.resolve(),
    keys: keysOf(userKey),
    signal,
    ...changes,
  };
}

// oxlint-disable-next-line require-await -- keys come one at a time, as from files
async function* keysOf(...keys: Signer[]): AsyncGenerator<Signer> {
  yield* keys;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A TLS server whose connections come out of `accept`. */
async function tlsListener(): Promise<{ port: number; accept: () => Promise<TLSSocket> }> {
  const server = createTlsServer({ ...certificate, minVersion: 'TLSv1.3' });
  const port = await listen(server);
  return {
    port,
    accept: async () => {
      const [socket] = (await once(server, 'secureConnection')) as [TLSSocket];
      return socket;
    },
  };
}

async function dial(port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

function ioOf(socket: TLSSocket): TransportHandshakeIo & { transport: StreamTransport } {
  const transport = new StreamTransport(socket);
  open.push({ close: () => transport.terminate() });
  return Object.assign(transportHandshakeIo(transport, tlsExporter(socket)), { transport });
}

async function tlsPair() {
  const { port, accept } = await tlsListener();
  const [far, near] = await Promise.all([accept(), dial(port)]);
  return { client: ioOf(near), host: ioOf(far) };
}

async function shake(host: HostSide, client: ClientHandshakeOptions) {
  const pair = await tlsPair();
  const [hostResult, clientResult] = await Promise.allSettled([
    handshakeAsHost(pair.host, host.options),
    handshakeAsClient(pair.client, client),
  ]);
  return { hostResult, clientResult };
}

/** For a client that gives up: the host hears of it by the link. */
async function shakeAndDrop(host: HostSide, client: ClientHandshakeOptions) {
  const pair = await tlsPair();
  const asHost = handshakeAsHost(pair.host, host.options);
  const [clientResult] = await Promise.allSettled([handshakeAsClient(pair.client, client)]);
  pair.client.transport.terminate();
  const [hostResult] = await Promise.allSettled([asHost]);
  return { hostResult, clientResult };
}

function idOf(result: PromiseSettledResult<unknown>): string {
  if (result.status === 'fulfilled') return 'let in';
  return result.reason instanceof RemotingError ? result.reason.id : String(result.reason);
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Keeps every message that passes, by direction. */
function recorded(io: HandshakeIo): HandshakeIo & { sent: Buffer[]; received: Buffer[] } {
  const sent: Buffer[] = [];
  const received: Buffer[] = [];
  return {
    sent,
    received,
    exporter: io.exporter,
    send: (message) => {
      sent.push(message);
      io.send(message);
    },
    receive: async (until) => {
      const message = await io.receive(until);
      received.push(message);
      return message;
    },
  };
}

describe('a handshake over TLS', () => {
  test('lets a known key in, and each side knows the other', async () => {
    const seen: Buffer[] = [];
    const checkHostKey = (key: Buffer) => Promise.resolve(void seen.push(key));
    const { hostResult, clientResult } = await shake(hostSide(), clientSide({ checkHostKey }));
    expect(valueOf(hostResult)).toMatchObject({
      caller: { user: 'alice', roles: ['owner'], address: '192.0.2.7', key: expect.stringMatching(/^SHA256:/) },
      clientId,
      clientName: 'laptop:4711',
      version: 1,
      resumed: false,
    });
    const client = valueOf(clientResult);
    expect(client).toMatchObject({ version: 1, user: 'alice', resumed: false, agent: { product: 'Holdfast test' } });
    expect(seen).toEqual([hostKey.publicKey]);
  });

  test('takes two round trips', async () => {
    const pair = await tlsPair();
    const io = recorded(pair.client);
    await Promise.all([handshakeAsHost(pair.host, hostSide().options), handshakeAsClient(io, clientSide())]);
    expect(io.sent.map((message) => JSON.parse(message.toString()).type)).toEqual(['hello', 'auth.sign']);
    expect(io.received.map((message) => JSON.parse(message.toString()).type)).toEqual([
      'hello.reply',
      'hello.proof',
      'auth.ok',
    ]);
  });

  test('offers no key before the host has proved its own', async () => {
    const pair = await tlsPair();
    const io = recorded(pair.client);
    const checkHostKey = () => Promise.reject(new RemotingError('HostKeyChanged', 'It is another'));
    const host = handshakeAsHost(pair.host, hostSide().options);
    await expect(handshakeAsClient(io, clientSide({ checkHostKey }))).rejects.toMatchObject({ id: 'HostKeyChanged' });
    pair.client.transport.terminate();
    await expect(host).rejects.toMatchObject({ id: 'ConnectionLost' });
    expect(io.sent).toHaveLength(1);
  });

  test('a host that holds another key than it shows is not believed', async () => {
    const liar = { ...strangerKey, publicKey: hostKey.publicKey };
    const { clientResult } = await shakeAndDrop(hostSide({ hostKey: liar }), clientSide());
    expect(idOf(clientResult)).toBe('SignatureRejected');
  });

  test('a user who holds another key than offered is refused', async () => {
    const host = hostSide();
    const { clientResult } = await shakeAndDrop(
      host,
      clientSide({ keys: keysOf({ ...strangerKey, publicKey: userKey.publicKey }) }),
    );
    expect(idOf(clientResult)).toBe('AccessDenied');
    expect(host.refusals).toMatchObject([{ user: 'alice', reason: 'The signature is wrong' }]);
  });

  test('goes on to the next key, and asks before a key that would ask a person', async () => {
    const signed: string[] = [];
    const watch = (signer: Signer): Signer => ({
      ...signer,
      askFirst: true,
      sign: (data) => {
        signed.push(signer.comment);
        return signer.sign(data);
      },
    });
    const { hostResult } = await shake(
      hostSide(),
      clientSide({ keys: keysOf(strangerKey, watch(newKey('other')), watch(userKey)) }),
    );
    expect(idOf(hostResult)).toBe('let in');
    expect(signed).toEqual(['user']);
  });

  test('a key that cannot sign is passed over, and named when no other does', async () => {
    const locked = {
      ...newKey('locked'),
      sign: () => Promise.reject(new RemotingError('KeyFileUnusable', 'No passphrase')),
    };
    const { hostResult } = await shake(hostSide(), clientSide({ keys: keysOf(locked, userKey) }));
    expect(idOf(hostResult)).toBe('let in');
    const { clientResult } = await shakeAndDrop(hostSide(), clientSide({ keys: keysOf(locked, strangerKey) }));
    expect(clientResult).toMatchObject({
      reason: {
        message: expect.stringMatching(
          /^The host lets in no key of ours as alice \(refused: stranger\)\. No passphrase$/,
        ),
      },
    });
  });

  test('sends a client away after six keys', async () => {
    const many = Array.from({ length: 7 }, (_, index) => newKey(`key ${index}`));
    const host = hostSide({ refusalMs: 1 });
    const { hostResult, clientResult } = await shake(host, clientSide({ keys: keysOf(...many, userKey) }));
    expect(idOf(hostResult)).toBe('AccessDenied');
    expect(idOf(clientResult)).toBe('AccessDenied');
    expect(host.refusals).toHaveLength(6);
  });

  test('an unknown user and an unknown key get the same bytes', async () => {
    const answers: string[][] = [];
    for (const user of ['alice', 'nobody-of-that-name']) {
      const pair = await tlsPair();
      const io = recorded(pair.client);
      const host = handshakeAsHost(pair.host, hostSide().options);
      const keys = keysOf({ ...strangerKey, askFirst: true }, strangerKey);
      await expect(handshakeAsClient(io, clientSide({ user, keys }))).rejects.toMatchObject({ id: 'AccessDenied' });
      pair.client.transport.terminate();
      await expect(host).rejects.toMatchObject({ id: 'ConnectionLost' });
      answers.push(io.received.slice(2).map(String));
    }
    expect(answers[0]).toEqual(['{"type":"auth.refused"}', '{"type":"auth.refused"}']);
    expect(answers[1]).toEqual(answers[0]);
  });

  test('frames behind the handshake reach the next owner of the transport', async () => {
    const pair = await tlsPair();
    const host = handshakeAsHost(pair.host, hostSide().options).then(() => {
      for (const time of [1, 2, 3]) pair.host.transport.send(encodePing(FrameKind.ping, time));
    });
    await Promise.all([host, handshakeAsClient(pair.client, clientSide())]);
    const received: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      pair.client.transport.onFrame = (frame) => {
        received.push(frame);
        if (received.length === 3) resolve();
      };
    });
    pair.client.handOver();
    await all;
    expect(received).toEqual([1, 2, 3].map((time) => encodePing(FrameKind.ping, time)));
  });

  test('speaks the highest common version, or says which side is too old', async () => {
    const { hostResult } = await shake(
      hostSide({ versions: { min: 1, max: 3 } }),
      clientSide({ versions: { min: 2, max: 9 } }),
    );
    expect(valueOf(hostResult).version).toBe(3);
    const newer = await shake(hostSide(), clientSide({ versions: { min: 5, max: 6 } }));
    expect(newer.clientResult).toMatchObject({
      reason: {
        id: 'VersionMismatch',
        message: 'The agent speaks protocol 1 to 1, the client 5 to 6: update the agent',
      },
    });
    expect(idOf(newer.hostResult)).toBe('VersionMismatch');
  });

  test('a client that is silent is given up', async () => {
    const pair = await tlsPair();
    const host = handshakeAsHost(pair.host, hostSide({ timeoutMs: 30 }).options);
    await expect(host).rejects.toMatchObject({ id: 'HandshakeTimeout' });
    const message = JSON.parse((await pair.client.receive(signal)).toString());
    expect(message).toMatchObject({ type: 'error', error: 'HandshakeTimeout' });
  });

  test('a fault of our own is told without its details', async () => {
    const authorize = () => Promise.reject(new Error('disk 3 is on fire'));
    const { hostResult, clientResult } = await shake(hostSide({ authorize }), clientSide());
    expect(hostResult).toMatchObject({ reason: { id: 'InternalError', cause: { message: 'disk 3 is on fire' } } });
    expect(clientResult).toMatchObject({ reason: { id: 'InternalError', message: 'The handshake failed' } });
  });

  test('a host that is stopped says so', async () => {
    const stop = new AbortController();
    const authorize = () => {
      stop.abort();
      return Promise.resolve({ accepted: false, reason: 'Unknown' } as const);
    };
    const { hostResult, clientResult } = await shake(hostSide({ authorize, signal: stop.signal }), clientSide());
    expect(idOf(hostResult)).toBe('OperationStopped');
    expect(idOf(clientResult)).toBe('OperationStopped');
  });

  test('a client that is stopped says so', async () => {
    const pair = await tlsPair();
    const stop = new AbortController();
    const client = handshakeAsClient(pair.client, clientSide({ signal: stop.signal }));
    stop.abort();
    await expect(client).rejects.toMatchObject({ id: 'OperationStopped' });
    const late = handshakeAsClient(pair.client, clientSide({ signal: AbortSignal.timeout(1) }));
    await expect(late).rejects.toMatchObject({ id: 'HandshakeTimeout' });
  });
});

describe('somebody in between', () => {
  test('who ends TLS on both sides gets nothing out of it', async () => {
    const real = await tlsListener();
    const relay = await tlsListener();
    const relayed = (async () => {
      const [client, host] = await Promise.all([relay.accept(), dial(real.port)]);
      client.pipe(host).pipe(client);
    })();
    const [far, near] = await Promise.all([real.accept(), dial(relay.port), relayed]);
    const asHost = hostSide();
    const client = recorded(ioOf(near));
    const hostIo = ioOf(far);
    const host = handshakeAsHost(hostIo, asHost.options);
    await expect(handshakeAsClient(client, clientSide())).rejects.toMatchObject({ id: 'SignatureRejected' });
    expect(client.sent).toHaveLength(1);
    // A careless client that goes on all the same is refused by the host.
    const [clientHello = Buffer.alloc(0)] = client.sent;
    const [hostReply = Buffer.alloc(0)] = client.received;
    const data = proofData('user', { exporter: client.exporter, clientHello, hostReply }, userKey.publicKey);
    const signature = (await userKey.sign(data)).toString('base64');
    client.send(encodeHandshake({ type: 'auth.sign', publicKey: userKey.publicKey.toString('base64'), signature }));
    expect(String(await client.receive(signal))).toBe('{"type":"auth.refused"}');
    hostIo.transport.terminate();
    await expect(host).rejects.toMatchObject({ id: 'ConnectionLost' });
  });

  test('who plays a handshake again is refused', async () => {
    const first = await tlsPair();
    const tape = recorded(first.client);
    await Promise.all([handshakeAsHost(first.host, hostSide().options), handshakeAsClient(tape, clientSide())]);
    const second = await tlsPair();
    const side = hostSide();
    const host = handshakeAsHost(second.host, side.options);
    for (const message of tape.sent) second.client.send(message);
    const answers = [];
    for (let count = 0; count < 3; count++) answers.push(JSON.parse(String(await second.client.receive(signal))).type);
    expect(answers).toEqual(['hello.reply', 'hello.proof', 'auth.refused']);
    second.client.transport.terminate();
    await expect(host).rejects.toMatchObject({ id: 'ConnectionLost' });
    expect(side.refusals).toMatchObject([{ reason: 'The signature is wrong' }]);
  });

  test('what an unproved host says cannot drive the terminal', async () => {
    const pair = await tlsPair();
    const client = handshakeAsClient(pair.client, clientSide());
    pair.host.send(encodeHandshake({ type: 'error', error: 'AccessDenied', message: 'x\u001b]0;evil\u0007\u202e' }));
    await expect(client).rejects.toMatchObject({ id: 'ConnectionRefused', message: 'x?]0;evil??' });
  });
});

describe('before authentication', () => {
  const hello = {
    type: 'hello',
    min: 1,
    max: 1,
    capabilities: [],
    nonce: Buffer.alloc(32).toString('base64'),
    user: 'alice',
    clientId,
    clientName: 'laptop',
    product: 'test',
  };
  const cases: [string, Buffer[], string][] = [
    ['garbage', [encodeControl(FrameKind.control, 0, Buffer.from('garbage'))], 'InvalidMessage'],
    ['a data frame', [encodeData(FrameKind.data, 1, 0, Buffer.from('x'))], 'ProtocolViolation'],
    ['an unknown frame', [Buffer.of(99, 0, 0, 0, 0)], 'ProtocolViolation'],
    ['a message in parts', [encodeControl(FrameKind.controlPart, 0, Buffer.from('{'))], 'ProtocolViolation'],
    ['a request', encodeMessage(0, { type: 'session.list', id: 1 }), 'InvalidMessage'],
    ['a hello with a field missing', encodeMessage(0, { ...hello, nonce: undefined }), 'InvalidMessage'],
    ['a hello with escape sequences', encodeMessage(0, { ...hello, clientName: '\u001b[2J' }), 'InvalidMessage'],
    ['a message over 16 KiB', encodeMessage(0, { ...hello, more: 'x'.repeat(17_000) }), 'FrameTooLarge'],
    ['a second hello', [...encodeMessage(0, hello), ...encodeMessage(0, hello)], 'InvalidMessage'],
    [
      'brackets all the way down',
      [encodeControl(FrameKind.control, 0, Buffer.from('['.repeat(16_000)))],
      'InvalidMessage',
    ],
    [
      'more than 16 KiB in all',
      [
        ...encodeMessage(0, hello),
        ...Array.from({ length: 5 }, () => encodeMessage(0, tryOf('x'.repeat(3500)))).flat(),
      ],
      'FrameTooLarge',
    ],
  ];

  test.each(cases)('%s is refused with one clear error', async (_name, frames, id) => {
    const pair = await tlsPair();
    const host = handshakeAsHost(pair.host, hostSide({ refusalMs: 1 }).options);
    for (const frame of frames) pair.client.transport.send(frame);
    await expect(host).rejects.toMatchObject({ id });
    for (;;) {
      const message = JSON.parse(String(await pair.client.receive(signal)));
      if (message.type !== 'error') continue;
      expect(message).toMatchObject({ error: id, message: expect.stringMatching(/^[A-Z]?[^\n]{5,300}$/) });
      return;
    }
  });

  function tryOf(text: string): object {
    return { type: 'auth.try', publicKey: Buffer.from(text).toString('base64') };
  }
});

test('a key of which more is demanded than its signature shows is refused like any other, and the log says why', async () => {
  const demands = { touch: true, verified: true };
  const authorize = (): Promise<AuthorizeResult> =>
    Promise.resolve({ accepted: true, user: 'alice', roles: ['owner'], demands });
  const side = hostSide({ authorize });
  const { clientResult } = await shakeAndDrop(side, clientSide());
  expect(idOf(clientResult)).toBe('AccessDenied');
  expect(side.refusals).toMatchObject([{ reason: expect.stringContaining('(verify-required)') }]);
});

describe('a ticket', () => {
  async function firstTicket(side: HostSide): Promise<Ticket> {
    const { clientResult } = await shake(side, clientSide());
    const { ticket } = valueOf(clientResult);
    if (ticket === undefined) throw new Error('No ticket was given');
    return ticket;
  }
  const noKeys: AsyncIterable<Signer> = keysOf();

  test('lets the same client in without a key, and stays the same', async () => {
    const side = hostSide();
    const ticket = await firstTicket(side);
    const { hostResult, clientResult } = await shake(side, clientSide({ ticket, keys: noKeys }));
    expect(valueOf(hostResult)).toMatchObject({
      resumed: true,
      caller: { user: 'alice', key: expect.stringMatching(/^SHA256:/) },
    });
    expect(valueOf(clientResult)).toMatchObject({ resumed: true, ticket });
    expect(side.asked.at(-1)).toMatchObject({ user: 'alice', publicKey: userKey.publicKey });
  });

  test('is worth nothing without its secret, to another client or as another user; keys still do', async () => {
    const side = hostSide({ refusalMs: 1 });
    const ticket = await firstTicket(side);
    const stolen = { ...ticket, secret: Buffer.alloc(36).toString('base64') };
    for (const changes of [
      { ticket: stolen },
      { ticket, clientId: randomUUID() },
      { ticket: { ...ticket, ticket: 'forged' } },
    ]) {
      const { hostResult, clientResult } = await shake(side, clientSide(changes));
      expect(valueOf(hostResult).resumed).toBe(false);
      expect(valueOf(clientResult).ticket).toBeDefined();
    }
    const other = await shakeAndDrop(side, clientSide({ ticket, user: 'bob', keys: noKeys }));
    expect(idOf(other.clientResult)).toBe('AccessDenied');
    expect(side.refusals).toHaveLength(4);
  });

  test('dies with its key', async () => {
    const side = hostSide({ refusalMs: 1 });
    const ticket = await firstTicket(side);
    const authorize = () => Promise.resolve({ accepted: false, reason: 'The key is gone' } as const);
    const gone = { ...side, options: { ...side.options, authorize } };
    const { clientResult } = await shakeAndDrop(gone, clientSide({ ticket, keys: noKeys }));
    expect(idOf(clientResult)).toBe('AccessDenied');
    expect(side.refusals.at(-1)).toMatchObject({ reason: 'The key is gone' });
  });
});

test('no sequence of messages does more than end the handshake with an error', async () => {
  const publicKey = userKey.publicKey.toString('base64');
  const field = fc.oneof(fc.constant(publicKey), fc.base64String(), fc.string(), fc.jsonValue());
  const type = fc.constantFrom(
    'hello',
    'auth.try',
    'auth.sign',
    'auth.ticket',
    'auth.ok',
    'error',
    'reply',
    '__proto__',
  );
  const message = fc.oneof(
    fc
      .record({ type, publicKey: field, signature: field, ticket: field, proof: field }, { requiredKeys: ['type'] })
      .map(encodeHandshake),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  );
  const nonce = Buffer.alloc(32).toString('base64');
  const fields = {
    min: 1,
    max: 1,
    capabilities: [],
    nonce,
    user: 'alice',
    clientId,
    clientName: 'laptop',
    product: 'test',
  };
  const hello = encodeHandshake({ type: 'hello', ...fields });
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(message, { maxLength: 8 }), async (withHello, messages) => {
      const script = withHello ? [hello, ...messages] : messages;
      const io: HandshakeIo = {
        exporter: Buffer.alloc(32),
        send: () => undefined,
        receive: () => {
          const next = script.shift();
          return next === undefined
            ? Promise.reject(new RemotingError('ConnectionLost', 'End'))
            : Promise.resolve(next);
        },
      };
      const error: unknown = await handshakeAsHost(io, hostSide({ refusalMs: 0 }).options).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ name: 'RemotingError', id: expect.not.stringContaining('InternalError') });
    }),
    { numRuns: 300 },
  );
});

test('tlsExporter() refuses anything older than TLS 1.3', async () => {
  const server = createTlsServer({ ...certificate, maxVersion: 'TLSv1.2' });
  const port = await listen(server);
  const socket = await dial(port);
  expect(() => tlsExporter(socket)).toThrow('TLSv1.2 instead of TLSv1.3');
  socket.destroy();
});
