import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { RemotingError } from './errors.ts';
import { encodeControl, encodePing, FrameKind } from './frame.ts';
import { helloAsClient, helloAsHost } from './host-hello.ts';
import { Link } from './link.ts';
import { encodeMessage } from './message-codec.ts';
import { StreamTransport } from './stream-transport.ts';

const CLIENT = {
  clientId: '3f1c5d0e-7a5b-4c39-9d3e-0c1f6f1b2a3c',
  clientName: 'laptop 12',
  caller: { user: 'ann', roles: ['owner' as const], key: 'SHA256:abc', address: '192.0.2.1' },
};
const HOST = { generation: 'g1', buildId: 'b1' };

function pair(): { ours: StreamTransport; theirs: StreamTransport } {
  const [ours, theirs] = duplexPair();
  return { ours: new StreamTransport(ours), theirs: new StreamTransport(theirs) };
}

async function idOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  return error instanceof RemotingError ? error.id : String(error);
}

test('both sides learn who is there, and a Link made right after loses nothing that came with the greeting', async () => {
  const { ours, theirs } = pair();
  const hostSide = helloAsHost(theirs, HOST).then((hello) => {
    const link = new Link(theirs, { onRequest: ({ type }) => ({ sessions: [], type }), onClose: () => undefined });
    return { hello, link };
  });
  const greeting = helloAsClient(ours, CLIENT);
  // A request sent without waiting for the answer.
  for (const frame of encodeMessage(0, { type: 'session.list', id: 77 })) ours.send(frame);
  expect(await greeting).toMatchObject({ type: 'hello.reply', version: 1, ...HOST, pid: process.pid });
  const answered = Promise.withResolvers<unknown>();
  ours.onFrame = (bytes) => answered.resolve(JSON.parse(bytes.subarray(5).toString()));
  expect((await hostSide).hello).toMatchObject({ ...CLIENT, version: 1 });
  expect(await answered.promise).toMatchObject({ type: 'reply', id: 77, sessions: [] });
});

test('versions that do not meet are refused on both sides', async () => {
  const { ours, theirs } = pair();
  const refused = idOf(helloAsHost(theirs, HOST));
  const told = new Promise((resolve) => {
    ours.onFrame = (bytes) => resolve(JSON.parse(bytes.subarray(5).toString()));
  });
  const hello = { type: 'hello', min: 7, max: 9, capabilities: [], ...CLIENT };
  for (const frame of encodeMessage(0, hello)) ours.send(frame);
  expect(await refused).toBe('VersionMismatch');
  expect(await told).toMatchObject({ type: 'error', error: 'VersionMismatch' });
});

test.each([
  ['another message', encodeMessage(0, { type: 'session.list', id: 1 }), 'InvalidMessage'],
  ['no JSON', [encodeControl(FrameKind.control, 0, Buffer.from('hello?'))], 'InvalidMessage'],
  ['a frame of another kind', [encodePing(FrameKind.ping, 1)], 'ProtocolViolation'],
  ['a greeting too long', encodeMessage(0, { type: 'hello', clientName: 'x'.repeat(20_000) }), 'FrameTooLarge'],
])('%s instead of a greeting is refused', async (_what, frames, id) => {
  const { ours, theirs } = pair();
  const refused = idOf(helloAsHost(theirs, HOST));
  for (const frame of frames) ours.send(frame);
  expect(await refused).toBe(id);
});

test('silence is waited for only so long, and a close is noticed', async () => {
  const silent = pair();
  expect(await idOf(helloAsHost(silent.theirs, HOST, AbortSignal.timeout(5)))).toBe('HandshakeTimeout');
  const gone = pair();
  const waiting = idOf(helloAsClient(gone.ours, CLIENT));
  gone.theirs.terminate();
  expect(await waiting).toBe('ConnectionLost');
});
