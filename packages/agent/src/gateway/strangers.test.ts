import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { handshakeAsClient, type HandshakeIo, type Signer } from '@holdfast/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningGateway } from './start-gateway.ts';
import { openHandshake } from './testing/test-client.ts';
import { TestHome, startTestGateway } from './testing/test-gateway.ts';

const SAMPLES = 4;
const TRIES = 6;

let home: TestHome;
let gateway: RunningGateway;
beforeEach(async () => {
  home = new TestHome();
  gateway = await startTestGateway(home);
});
afterEach(async () => {
  await gateway.stop('The test is over');
  home[Symbol.dispose]();
});

/** All that a client hears whose keys are refused, and how long each refusal took. */
async function heard(user: string, key: Signer): Promise<{ messages: string[]; times: number[] }> {
  const { io, socket } = await openHandshake(gateway.port);
  const messages: string[] = [];
  const times: number[] = [];
  let sentAt = 0;
  const listening: HandshakeIo = {
    exporter: io.exporter,
    send(message) {
      sentAt = performance.now();
      io.send(message);
    },
    async receive(signal) {
      const message = await io.receive(signal);
      // What comes before is the host's own proof, another one each time.
      if (message.includes('"hello')) return message;
      times.push(performance.now() - sentAt);
      messages.push(message.toString().replaceAll(user, 'USER'));
      return message;
    },
  };
  const signal = AbortSignal.timeout(20_000);
  const options = {
    user,
    clientId: randomUUID(),
    clientName: 'stranger',
    checkHostKey: () => Promise.resolve(),
    signal,
  };
  await expect(handshakeAsClient(listening, { ...options, keys: repeated(key) })).rejects.toMatchObject({
    id: 'AccessDenied',
  });
  socket.terminate();
  return { messages, times };
}

// oxlint-disable-next-line require-await -- keys come one at a time, as from files
async function* repeated(key: Signer): AsyncGenerator<Signer> {
  for (let count = 0; count <= TRIES; count += 1) yield { ...key, askFirst: count % 2 === 0 };
}

test('an unknown user, an unknown key, and a key that the file refuses hear the same bytes', async () => {
  const stranger = home.makeKey('id_stranger');
  const refused = home.makeKey('id_refused');
  home.authorize(`holdfast-unknown ssh-ed25519 ${refused.publicKey.toString('base64')}`);
  const visits: Record<string, [user: string, key: Signer]> = {
    'unknown user': ['no-such-user', stranger],
    "unknown user, a user's key": ['no-such-user', home.key],
    'another account of the machine': ['daemon', stranger],
    'unknown key': [userInfo().username, stranger],
    'refused key': [userInfo().username, refused],
  };
  const medians: string[] = [];
  const first = await heard('no-such-user', stranger);
  expect(first.messages.slice(0, -1)).toEqual(Array.from({ length: TRIES }, () => '{"type":"auth.refused"}'));
  for (const [name, visit] of Object.entries(visits)) {
    const times: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const { messages, times: these } = await heard(...visit);
      expect(messages, name).toEqual(first.messages);
      times.push(...these);
    }
    medians.push(`${name} ${(times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(1)} ms`);
  }
  // A figure for docs/reliability.md; a busy machine makes any limit wrong.
  console.log(`median time of a refusal: ${medians.join(', ')}`);
});
