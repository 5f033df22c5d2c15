import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { RemotingError } from './errors.ts';
import { FrameKind, encodeControl, encodeData } from './frame.ts';
import { Link, type LinkListeners } from './link.ts';
import { encodeMessage } from './message-codec.ts';
import { REQUESTS, type RequestType } from './messages.ts';
import type { AnyEvent } from './events.ts';
import { StreamTransport } from './stream-transport.ts';
import type { CloseReason } from './transport.ts';

const UUID = '11111111-2222-4333-8444-555555555555';

function linkPair(near: Partial<LinkListeners>, far: Partial<LinkListeners>): { near: Link; far: Link } {
  const [a, b] = duplexPair();
  const onClose = (): void => {};
  return {
    near: new Link(new StreamTransport(a), { onClose, ...near }),
    far: new Link(new StreamTransport(b), { onClose, ...far }),
  };
}

describe('Link', () => {
  test('pairs replies with requests, whatever their order', async () => {
    const waiting: (() => void)[] = [];
    const { near } = linkPair(
      {},
      {
        onRequest: async (request) => {
          if (request.type === 'session.resize') await new Promise<void>((resolve) => waiting.push(resolve));
          else waiting.splice(0).forEach((resolve) => resolve());
          return { sessions: [] };
        },
      },
    );
    const slow = near.request('session.resize', { channel: 1, columns: 80, rows: 24 });
    const quick = near.request('session.list', {});
    expect(await quick).toEqual({ sessions: [] });
    expect(await slow).toEqual({});
  });

  test('an error of the other side keeps its id, message and target', async () => {
    const { near } = linkPair(
      {},
      {
        onRequest: () => {
          throw new RemotingError('SessionNotFound', 'There is no session build', { target: 'build' });
        },
      },
    );
    await expect(near.request('session.stop', { instanceId: UUID })).rejects.toMatchObject({
      id: 'SessionNotFound',
      message: 'There is no session build',
      target: 'build',
    });
  });

  test.each([
    ['an answer that nobody asked for', { type: 'reply', id: 1 }],
    ['an error that nobody asked for', { type: 'error', id: 7, error: 'AccessDenied', message: 'x' }],
    ['an event of a session', { type: 'session.exited', seq: 1, at: 0, status: 0 }],
    ['a goodbye of an agent', { type: 'connection.goaway', reason: 'x', retryAfterMs: 1 }],
  ])('%s closes the link of a session host', async (_, message) => {
    const seen: unknown[] = [];
    const closed = Promise.withResolvers<CloseReason>();
    const [a, b] = duplexPair();
    const host = new Link(new StreamTransport(a), {
      onRequest: (request) => seen.push(request),
      onEvent: (...event) => seen.push(event),
      onClose: closed.resolve,
    });
    const client = new StreamTransport(b);
    for (const frame of encodeMessage(0, message)) client.send(frame);
    expect(await closed.promise).toMatchObject({ code: 4400 });
    expect(host.closed).toBeDefined();
    expect(seen).toEqual([]);
  });

  test('a client takes no request, and no news that is meant for a session host', async () => {
    const seen: unknown[] = [];
    const { near, far } = linkPair({}, { onEvent: (...event) => seen.push(event) });
    for (const type of Object.keys(REQUESTS) as RequestType[]) {
      const refused = near.request(type, {});
      await expect(refused).rejects.toMatchObject({ id: expect.stringMatching(/^(InvalidMessage|UnknownOperation)$/) });
    }
    await expect(near.request('session.list', {})).rejects.toMatchObject({ id: 'UnknownOperation' });
    near.sendEvent(0, { type: 'client.heard', agoMs: 0 });
    await expect.poll(() => far.closed?.code).toBe(4400);
    expect(seen).toEqual([]);
  });

  test('an error whose text is no text is an error all the same', async () => {
    const [a, b] = duplexPair();
    const near = new Link(new StreamTransport(a), { onClose: () => {} });
    const far = new StreamTransport(b);
    far.onFrame = () => {
      const answer = '{"type":"error","id":1,"error":"SessionNotFound","message":{"toString":1}}';
      far.send(encodeControl(FrameKind.control, 0, Buffer.from(answer)));
    };
    await expect(near.request('session.list', {})).rejects.toMatchObject({
      id: 'SessionNotFound',
      message: 'The other side does not say why',
    });
  });

  test('a request that breaks its schema is answered by InvalidMessage and an unknown one by UnknownOperation', async () => {
    const { near, far } = linkPair({}, { onRequest: () => ({}) });
    await expect(near.request('session.stop', { instanceId: 'no-uuid' })).rejects.toMatchObject({
      id: 'InvalidMessage',
      message: expect.stringContaining('instanceId'),
    });
    // An operation that only a newer peer knows.
    await expect(near.request('session.dance' as 'session.list', {})).rejects.toMatchObject({ id: 'UnknownOperation' });
    expect(far.closed).toBeUndefined();
  });

  test('what is wrong with a message is told briefly, however much it is', async () => {
    const { near } = linkPair({}, { onRequest: () => ({}) });
    const resume = { attempt: 1, channels: Array(1_000_000).fill({}) };
    await expect(near.request('connection.resume', resume)).rejects.toMatchObject({
      id: 'InvalidMessage',
      message:
        'connection.resume is not as agreed: channels.0.channel: Invalid key: Expected "channel" but received undefined',
    });
    const stop = near.request('session.stop', { instanceId: 'no-uuid '.repeat(100_000) });
    await expect(stop).rejects.toMatchObject({ message: expect.stringMatching(/^.{100,600} …$/) });
  });

  test('a name that could act on the terminals of others is refused', async () => {
    const { near } = linkPair({}, { onRequest: () => ({}) });
    const update = { instanceId: '0e3c1c0e-5a1b-4b6e-9c53-3f3d6d1f9a10', name: 'a\u001b[2J' };
    await expect(near.request('session.update', update)).rejects.toMatchObject({ id: 'InvalidMessage' });
  });

  test('a reply that is not as agreed rejects the request', async () => {
    const { near } = linkPair({}, { onRequest: () => ({ sessions: 'none' }) });
    await expect(near.request('session.list', {})).rejects.toMatchObject({ id: 'InvalidMessage' });
  });

  test('events keep their order with data frames', async () => {
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const { near } = linkPair(
      {},
      {
        onEvent: (channel, event: AnyEvent) => {
          seen.push(`${event.type} on ${channel}`);
          if (seen.length === 3) resolve();
        },
        onChannelFrame: (frame) => seen.push(`data on ${frame.channel}`),
      },
    );
    near.sendEvent(3, { type: 'session.ready', seq: 1, at: 0, driver: 'bash', cwd: '/' });
    near.transport.send(encodeData(FrameKind.data, 3, 0, Buffer.from('x')));
    near.sendEvent(3, { type: 'session.exited', seq: 2, at: 1, status: 0 });
    await promise;
    expect(seen).toEqual(['session.ready on 3', 'data on 3', 'session.exited on 3']);
  });

  test('an event of a newer protocol is ignored', async () => {
    const { near, far } = linkPair({}, { onRequest: () => ({ sessions: [] }) });
    near.transport.send(encodeControl(FrameKind.control, 0, Buffer.from('{"type":"session.sang"}')));
    await near.request('session.list', {});
    expect(far.closed).toBeUndefined();
  });

  test('a frame of an unknown kind closes the link with the reason', async () => {
    const { promise, resolve } = Promise.withResolvers<CloseReason>();
    const { near } = linkPair({}, { onClose: resolve });
    near.transport.send(Buffer.from('6300000000', 'hex'));
    await promise;
  });

  test('a link that closes rejects what waits, and refuses what comes later', async () => {
    const { near, far } = linkPair({}, { onRequest: () => new Promise(() => {}) });
    const waiting = near.request('session.list', {});
    far.transport.terminate();
    await expect(waiting).rejects.toMatchObject({ id: 'ConnectionLost' });
    await expect(near.request('session.list', {})).rejects.toMatchObject({ id: 'ConnectionLost' });
  });

  test('an abort rejects at once and the late answer is dropped', async () => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const release: (() => void)[] = [];
    const { near } = linkPair(
      {},
      {
        onRequest: async () => {
          onAsked();
          await new Promise<void>((resolve) => release.push(resolve));
          return { sessions: [] };
        },
      },
    );
    const stop = new AbortController();
    const waiting = near.request('session.list', {}, stop.signal);
    await asked;
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ id: 'OperationStopped' });
    release.splice(0).forEach((resolve) => resolve());
    const next = near.request('session.list', {});
    release.splice(0).forEach((resolve) => resolve());
    const { promise: turn, resolve: onTurn } = Promise.withResolvers<void>();
    setImmediate(onTurn);
    await turn;
    release.splice(0).forEach((resolve) => resolve());
    expect(await next).toEqual({ sessions: [] });
  });

  test('a ping comes back with its round trip', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { near } = linkPair({ onRoundTrip: resolve }, {});
    near.ping();
    expect(await promise).toBeGreaterThanOrEqual(-1);
  });
});
