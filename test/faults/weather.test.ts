import { createHash } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, onTestFinished, test, type TestContext } from 'vitest';
import type { ClientSettings, Connection, RemoteSession } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { FaultLink, type MetFault } from '../support/fault-link.ts';
import { CALM, RIPPLE, STORM, type Faults } from '../support/fault-plan.ts';
import { NumberedLines } from '../support/numbered-lines.ts';
import { seededBytes } from '../support/random.ts';
import { makeSecondMachine, startRemote, type Remote } from '../support/remote.ts';
import { testSeed } from '../support/seed.ts';

/** Hundreds of handshakes: a hang fails, a busy machine does not. */
const LIMIT_MS = 240_000;
const QUICK = {
  retryStepMs: 20,
  patientStepMs: 100,
  unansweredMs: 300,
  attemptTimeoutMs: 1_500,
  attemptsAtOnce: 6,
} satisfies Partial<ClientSettings>;

/** A handshake has more than that either way, also with a ticket. */
const HANDSHAKE_BYTES = 2_000;
/** No handshake has so much. */
const SESSION_BYTES = 8 * 1024;

/** How much is printed and typed: first, and in each round until all was met that the weather has. */
const MUCH = { lines: 10_000, input: 32 * 1024 };
const SOME = { lines: 2_000, input: 16 * 1024 };
/** Rounds that a fault of the weather does not stay away from: a hundredth of them brings most. */
const MOST_ROUNDS = 200;

let remote: Remote;

beforeAll(async () => {
  remote = await startRemote();
});

afterAll(async () => {
  await remote[Symbol.asyncDispose]();
});

async function startUnder(faults: Faults, { task, onTestFinished: whenOver }: TestContext) {
  const machine = makeSecondMachine(remote);
  const seed = testSeed(task);
  const link = await FaultLink.start(() => remote.agent.port, CALM, seed);
  machine.knows({ srv1: { port: link.port, hostKey: remote.agent.hostKey } });
  const connection = await connectFrom(machine, 'srv1', QUICK);
  whenOver(async () => {
    link.calm();
    await connection[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
    machine[Symbol.dispose]();
  });
  link.faults = faults;
  link.cut();
  return { link, connection, seed };
}

/** A session in which a counter is printed, and input is typed whose hash comes back. */
class Work {
  readonly #session: RemoteSession;
  readonly #shown = new ShownOutput();
  #seed: number;

  private constructor(session: RemoteSession, seed: number) {
    this.#session = session;
    this.#seed = seed;
  }

  static async begin(connection: Connection, seed: number): Promise<Work> {
    const work = new Work(await connection.openSession({ columns: 80, rows: 24 }), seed);
    await work.#shown.show(work.#session);
    return work;
  }

  /** @throws AssertionError for what is missing, comes twice or is wrong, out or in */
  async go({ lines, input }: typeof MUCH): Promise<void> {
    this.#shown.text = '';
    await this.#session.run(`echo BE''GIN; seq ${lines}; echo EN''D`).ended;
    const numbers = new NumberedLines();
    const [, printed = ''] = /BEGIN\r\n([^]*)END\r\n/.exec(this.#shown.text) ?? [];
    numbers.take(Buffer.from(printed));
    expect([numbers.fault, numbers.next]).toEqual([undefined, lines + 1]);
    this.#shown.text = '';
    const typed = seededBytes(this.#seed++, input);
    const hash = this.#session.run(`stty raw -echo; printf 'BE''GIN'; head -c ${input} | sha256sum; stty sane`);
    await this.#shown.until(() => this.#shown.text.includes('BEGIN'));
    for (let at = 0; at < input; at += 1000) this.#session.write(typed.subarray(at, at + 1000));
    await expect(hash.ended).resolves.toMatchObject({ status: 0 });
    expect(this.#shown.text).toContain(createHash('sha256').update(typed).digest('hex'));
  }

  end(): Promise<void> {
    return this.#session.stop();
  }
}

/** A fault that the weather has to bring before a test of it is over; with `where` in that flow, at that time. */
type Wanted = { kind: MetFault['kind']; flow?: MetFault['flow']; where?: 'handshake' | 'session' };

function isMet(met: readonly MetFault[], { kind, flow, where }: Wanted): boolean {
  return met.some((fault) => {
    if (fault.kind !== kind || (flow !== undefined && fault.flow !== flow)) return false;
    if (where === undefined) return true;
    // A shorter silence is no fault to the client.
    if (kind === 'freeze' && fault.amount <= QUICK.unansweredMs) return false;
    return where === 'handshake' ? fault.at < HANDSHAKE_BYTES : fault.at > SESSION_BYTES;
  });
}

/** How a connection is made, in every way that is a fault by itself. */
const connectFaults = ({ connect: ways }: Faults): Wanted[] =>
  [...new Set(ways)].filter((kind) => kind !== 'pass' && kind !== 'early').map((kind) => ({ kind, flow: 'connect' }));

/** Every kind, wherever it comes. */
const flowFaults = ({ read, write }: Faults): Wanted[] => [...new Set([...read, ...write])].map((kind) => ({ kind }));

/** Every kind in its direction, at each of these times. */
const flowFaultsIn = (faults: Faults, ...places: ('handshake' | 'session')[]): Wanted[] =>
  places.flatMap((where) =>
    (['read', 'write'] as const).flatMap((flow) => faults[flow].map((kind) => ({ kind, flow, where }))),
  );

/** Works under the weather until each of the wanted faults was met. */
async function workUnder(context: TestContext, faults: Faults, wanted: readonly Wanted[], sessions = 1): Promise<void> {
  const { connection, link, seed } = await startUnder(faults, context);
  const works = await Promise.all(
    Array.from({ length: sessions }, (_, at) => Work.begin(connection, seed + at * 1000)),
  );
  await Promise.all(works.map((work) => work.go(MUCH)));
  const missing = (): Wanted[] => wanted.filter((one) => !isMet(link.record.met, one));
  let rounds = 0;
  for (; missing().length > 0 && rounds < MOST_ROUNDS; rounds += 1) {
    link.cut();
    await Promise.all(works.map((work) => work.go(SOME)));
  }
  expect(missing()).toEqual([]);
  await Promise.all(works.map((work) => work.end()));
  const { counts } = link.record;
  console.log(`${context.task.name}: ${JSON.stringify({ seed, rounds, ...Object.fromEntries(counts) })}`);
}

const only = (part: Partial<Faults>): Faults => ({ ...CALM, everyBytes: 128 * 1024, ...part });

/** Faults from a connection's first byte on, so close that each handshake has some. */
const throughout = (part: Partial<Faults>): Faults => only({ connect: ['early'], everyBytes: 2 * 1024, ...part });

const IN_SESSIONS: Record<string, Faults> = {
  refuses: only({ connect: ['refuse', 'pass'], read: ['reset'] }),
  'hangs at first': only({ connect: ['hang', 'pass'], read: ['reset'] }),
  'makes each connection late': only({ connect: ['delay'], read: ['reset'] }),
  'duplicates each attempt': only({ connect: ['duplicate'], read: ['reset'] }),
  // Shorter than a frame may be: each link begins with small ones.
  'resets what is read': only({ read: ['reset'], everyBytes: 24 * 1024 }),
  'resets what is written': only({ write: ['reset'], everyBytes: 16 * 1024 }),
  'freezes what is read': only({ read: ['freeze'], everyBytes: 32 * 1024 }),
  'freezes what is written': only({ write: ['freeze'], everyBytes: 16 * 1024 }),
};

const IN_HANDSHAKES: Record<string, Faults> = {
  resets: throughout({ read: ['reset'], write: ['reset'], everyBytes: 128 * 1024 }),
  freezes: throughout({ read: ['freeze'], write: ['freeze'], everyBytes: 64 * 1024 }),
};

const THROUGHOUT: Record<string, Faults> = {
  'delays both ways': throughout({ read: ['delay'], write: ['delay'] }),
  'splits both ways': throughout({ read: ['split'], write: ['split'] }),
  'joins both ways': throughout({ read: ['join'], write: ['join'] }),
  'drains slowly': throughout({ read: ['slow'], write: ['slow'] }),
};

test.concurrent.for([
  ...Object.entries(IN_SESSIONS).map(([what, faults]) => ({
    what,
    faults,
    wanted: [...connectFaults(faults), ...flowFaultsIn(faults, 'session')],
  })),
  ...Object.entries(IN_HANDSHAKES).map(([what, faults]) => ({
    what: `${what} in the middle of the handshake`,
    faults,
    wanted: flowFaultsIn(faults, 'handshake'),
  })),
  ...Object.entries(THROUGHOUT).map(([what, faults]) => ({
    what: `${what}, also in the handshake,`,
    faults,
    wanted: flowFaultsIn(faults, 'handshake', 'session'),
  })),
  {
    what: 'does all of it',
    faults: { ...STORM, everyBytes: 64 * 1024 },
    wanted: [...connectFaults(STORM), ...flowFaults(STORM)],
  },
])('a link that $what loses and repeats nothing, out or in', { timeout: LIMIT_MS }, ({ faults, wanted }, context) =>
  workUnder(context, faults, wanted),
);

test.for<[string, Faults]>([
  ['ripples', RIPPLE],
  ['storms', { ...STORM, everyBytes: 256 * 1024 }],
])(
  'sixteen sessions over a link that %s lose and repeat nothing, out or in',
  { timeout: LIMIT_MS },
  ([, faults], context) => workUnder(context, faults, flowFaults(faults), 16),
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
  const decided = async (seed: number, pieceBytes: number): Promise<MetFault[][]> => {
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
    return ['connect', 'read', 'write'].map((flow) => link.record.met.filter((fault) => fault.flow === flow));
  };
  const first = await decided(7, 1_000);
  expect(await decided(7, 333)).toEqual(first);
  expect(await decided(8, 1_000)).not.toEqual(first);
  expect(first.flat().length).toBeGreaterThan(20);
});
