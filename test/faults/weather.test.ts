import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { ClientSettings, Connection } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { CALM, RIPPLE, STORM, type Faults } from '../support/fault-plan.ts';
import { NumberedLines } from '../support/numbered-lines.ts';
import { startRemote, type Remote } from '../support/remote.ts';

const LINES = 30_000;
/** Hundreds of handshakes: a hang fails, a busy machine does not. */
const LIMIT_MS = 240_000;
const INPUT_BYTES = 64 * 1024;
const QUICK: Partial<ClientSettings> = {
  retryStepMs: 20,
  patientStepMs: 100,
  unansweredMs: 300,
  attemptTimeoutMs: 1_500,
  attemptsAtOnce: 6,
};

async function startUnder(faults: Faults): Promise<{ remote: Remote; link: FaultLink; connection: Connection }> {
  const remote = await startRemote();
  const link = await FaultLink.start(() => remote.agent.port, CALM);
  remote.client.knows({ srv1: { port: link.port, hostKey: remote.agent.hostKey } });
  const connection = await connectFrom(remote.client, 'srv1', QUICK);
  onTestFinished(async () => {
    link.calm();
    await connection[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
    await remote[Symbol.asyncDispose]();
  });
  link.faults = faults;
  link.cut();
  return { remote, link, connection };
}

/** Prints a counter, then types input whose hash comes back. */
async function work(connection: Connection): Promise<void> {
  const session = await connection.openSession({ columns: 80, rows: 24 });
  const numbers = new NumberedLines();
  let text = '';
  const shown = new ShownOutput((chunk) => {
    if (numbers.next <= LINES) numbers.take(chunk);
    text = (text + chunk.toString('latin1')).slice(-1024);
  });
  await shown.show(session);
  await session.run(`seq ${LINES}`).ended;
  expect([numbers.fault, numbers.next]).toEqual([undefined, LINES + 1]);
  const input = randomBytes(INPUT_BYTES);
  const hash = session.run(`stty raw -echo; printf 'B''EGIN'; head -c ${INPUT_BYTES} | sha256sum; stty sane`);
  await shown.until(() => text.includes('BEGIN'));
  for (let at = 0; at < INPUT_BYTES; at += 1000) session.write(input.subarray(at, at + 1000));
  await expect(hash.ended).resolves.toMatchObject({ status: 0 });
  expect(text).toContain(createHash('sha256').update(input).digest('hex'));
  await session.stop();
}

const only = (part: Partial<Faults>): Faults => ({ ...CALM, everyBytes: 64 * 1024, ...part });

test.each<[string, Faults]>([
  ['refuses', only({ connect: ['refuse', 'pass'], read: ['reset'] })],
  ['hangs at first', only({ connect: ['hang', 'pass', 'pass', 'pass'], read: ['reset'], everyBytes: 256 * 1024 })],
  ['makes each connection late', only({ connect: ['delay'], read: ['reset'] })],
  ['duplicates each attempt', only({ connect: ['duplicate'], read: ['reset'] })],
  ['resets in the middle of the handshake', only({ connect: ['early'], read: ['reset'], everyBytes: 1024 * 1024 })],
  ['resets what is read', only({ read: ['reset'] })],
  ['resets what is written', only({ write: ['reset'], everyBytes: 4 * 1024 })],
  ['freezes what is read', only({ read: ['freeze'], everyBytes: 1024 * 1024 })],
  ['freezes what is written', only({ write: ['freeze'] })],
  ['delays both ways', only({ read: ['delay'], write: ['delay'] })],
  ['splits both ways', only({ read: ['split'], write: ['split'] })],
  ['joins both ways', only({ read: ['join'], write: ['join'] })],
  ['drains slowly', only({ read: ['slow'], write: ['slow'] })],
  ['does all of it', STORM],
])(
  'a link that %s loses and repeats nothing, out or in',
  async (_, faults) => {
    const { connection } = await startUnder(faults);
    await work(connection);
  },
  LIMIT_MS,
);

test.each<[string, Faults]>([
  ['ripples', RIPPLE],
  ['storms', STORM],
])(
  'sixteen sessions over a link that %s lose and repeat nothing, out or in',
  async (_, faults) => {
    const { connection, link } = await startUnder(faults);
    await Promise.all(Array.from({ length: 16 }, () => work(connection)));
    expect(link.record.decisions.length).toBeGreaterThan(16);
  },
  LIMIT_MS,
);

test('a seed makes the same decisions in the same order, however the bytes come', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const faults = only({
    connect: ['pass', 'early', 'delay'],
    read: ['split'],
    write: ['join', 'delay'],
    everyBytes: 2048,
  });
  const decided = async (seed: number, pieceBytes: number): Promise<string[][]> => {
    await using link = await FaultLink.start(() => port, faults, seed);
    for (let round = 0; round < 5; round += 1) {
      const socket = connect({ port: link.port, host: '127.0.0.1', noDelay: true });
      let left = 16_384;
      const all = new Promise<void>((resolve) =>
        socket.on('data', (bytes) => ((left -= bytes.length) === 0 ? resolve() : undefined)),
      );
      for (let at = 0; at < 16_384; at += pieceBytes) socket.write(Buffer.alloc(Math.min(pieceBytes, 16_384 - at)));
      await all;
      socket.destroy();
    }
    return ['connect', 'read', 'write'].map((kind) => link.record.decisions.filter((one) => one.includes(` ${kind} `)));
  };
  const first = await decided(7, 1_000);
  expect(await decided(7, 333)).toEqual(first);
  expect(await decided(8, 1_000)).not.toEqual(first);
  expect(first.flat().length).toBeGreaterThan(20);
});
