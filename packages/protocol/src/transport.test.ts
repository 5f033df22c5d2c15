import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { MAX_FRAME } from './frame.ts';
import { StreamTransport } from './stream-transport.ts';
import { transportSuite, type TransportPair } from './testing/transport-suite.ts';
import { WebSocketTransport } from './websocket-transport.ts';

async function webSocketPair(corked: boolean): Promise<TransportPair> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  // @types/ws types address() as a string too, for Unix sockets.
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
  });
  const upgraded = once(socket, 'upgrade');
  await once(socket, 'open');
  const [peer, request] = (await accepted) as [WebSocket, IncomingMessage];
  const [response] = (await upgraded) as [IncomingMessage];
  const dispose = async (): Promise<void> => {
    socket.terminate();
    peer.terminate();
    server.close();
    await once(server, 'close');
  };
  const near = corked ? new WebSocketTransport(socket, response.socket) : new WebSocketTransport(socket);
  const far = corked ? new WebSocketTransport(peer, request.socket) : new WebSocketTransport(peer);
  return { near, far, dispose };
}

async function unixPair(): Promise<TransportPair> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const server: Server = createServer();
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = connect(join(folder, 's'));
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  const dispose = async (): Promise<void> => {
    socket.destroy();
    peer.destroy();
    server.close();
    await rm(folder, { recursive: true });
  };
  return { near: new StreamTransport(socket), far: new StreamTransport(peer), dispose };
}

async function duplexStreamPair(): Promise<TransportPair> {
  const [near, far] = duplexPair();
  const dispose = async (): Promise<void> => {
    near.destroy();
    far.destroy();
  };
  return { near: new StreamTransport(near), far: new StreamTransport(far), dispose };
}

transportSuite('WebSocket', () => webSocketPair(false));
transportSuite('corked WebSocket', () => webSocketPair(true));
transportSuite('Unix socket', unixPair);
transportSuite('duplex stream', duplexStreamPair);

test('a stream transport puts frames together from single bytes', async () => {
  const [near, far] = duplexPair();
  const transport = new StreamTransport(far);
  const frames: string[] = [];
  const done = new Promise<void>((resolve) => {
    transport.onFrame = (frame) => {
      frames.push(frame.toString());
      if (frames.length === 2) resolve();
    };
  });
  for (const byte of Buffer.from('\0\0\0\u0003abc\0\0\0\u0002de')) near.write(Buffer.of(byte));
  await done;
  expect(frames).toEqual(['abc', 'de']);
});

test('a stream transport closes on a length over the limit before it reads on', async () => {
  const [near, far] = duplexPair();
  const transport = new StreamTransport(far);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => (transport.onClose = resolve));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(MAX_FRAME + 1);
  near.write(length);
  expect(await closed).toEqual({ code: 4400, reason: `A frame of ${MAX_FRAME + 1} bytes is over the limit` });
});
