import { seededRandom } from './random.ts';

/** What may happen to a connection as it is made; `early`: its bytes meet faults from the first one on. */
export type ConnectFault = 'pass' | 'early' | 'refuse' | 'hang' | 'delay' | 'duplicate';

/** What may happen to one direction of a connection; `freeze` stops it while nothing closes. */
export type FlowFault = 'reset' | 'freeze' | 'delay' | 'split' | 'join' | 'slow';

/** The weather: each decision takes one of a list, so a kind that stands there twice comes twice as often. */
export type Faults = {
  connect: readonly ConnectFault[];
  /** From the agent to the client. */
  read: readonly FlowFault[];
  /** From the client to the agent. */
  write: readonly FlowFault[];
  /** Bytes from one fault of a direction to the next: 1 to this, small ones as often as large. */
  everyBytes: number;
};

/** Nothing happens by itself. */
export const CALM: Faults = { connect: ['pass'], read: [], write: [], everyBytes: 1 };

/** What harms no link and yet moves every byte: for tests that make their faults themselves. */
export const RIPPLE: Faults = {
  connect: ['pass', 'early', 'delay', 'duplicate'],
  read: ['delay', 'split', 'join', 'slow'],
  write: ['delay', 'split', 'join', 'slow'],
  everyBytes: 256 * 1024,
};

/** Everything. */
export const STORM: Faults = {
  connect: ['pass', 'pass', 'pass', 'pass', 'pass', 'early', 'early', 'refuse', 'hang', 'delay', 'duplicate'],
  read: ['reset', 'reset', 'reset', 'reset', 'freeze', 'delay', 'split', 'join', 'slow'],
  write: ['reset', 'reset', 'reset', 'reset', 'freeze', 'delay', 'split', 'join', 'slow'],
  everyBytes: 1024 * 1024,
};

/** A connection that is not `early` is let in before anything happens to its bytes: so long is a handshake, about. */
const LET_IN_BYTES = 8 * 1024;

/** One fault of a direction: what, after how many more bytes, and how much of it. */
export type FlowDecision = { kind: FlowFault; afterBytes: number; amount: number };

/** How much of a fault there is at most: milliseconds, and bytes for what counts them; a reset of 2 is a close. */
const AMOUNTS: Record<FlowFault, number> = {
  reset: 2,
  freeze: 2_000,
  delay: 20,
  split: 64,
  join: 32 * 1024,
  slow: 64 * 1024,
};

/** All that is decided about one connection, from the seed and its number alone, however its bytes come in chunks. */
export class ConnectionPlan {
  readonly kind: ConnectFault;
  /** Milliseconds of a delay, and bytes that are sent twice by a duplicate. */
  readonly amount: number;
  readonly read: Generator<FlowDecision, undefined>;
  readonly write: Generator<FlowDecision, undefined>;

  constructor(seed: number, number: number, faults: Faults) {
    const random = seededRandom(seed + number * 3_000_017);
    this.kind = oneOf(faults.connect, random) ?? 'pass';
    this.amount = logUniform(random, this.kind === 'duplicate' ? 4 * 1024 : 50);
    const quietBytes = this.kind === 'early' ? 0 : LET_IN_BYTES;
    this.read = decisions(faults.read, quietBytes, faults.everyBytes, seededRandom(seed + number * 3_000_017 + 1));
    this.write = decisions(faults.write, quietBytes, faults.everyBytes, seededRandom(seed + number * 3_000_017 + 2));
  }
}

/** A connection that is reset behind one byte of one direction, and meets nothing else. */
export type Cut = { flow: 'read' | 'write'; afterBytes: number };

/** What is decided about a connection. */
export type Plan = Pick<ConnectionPlan, 'kind' | 'amount' | 'read' | 'write'>;

/** What passes before the cut arrives: the other side has seen exactly so much. */
export function cutAt({ flow, afterBytes }: Cut): Plan {
  const none = decisions([], 0, 1, () => 0);
  const cut = decisionsOf([{ kind: 'reset', afterBytes, amount: 2 }]);
  return { kind: 'pass', amount: 0, read: flow === 'read' ? cut : none, write: flow === 'write' ? cut : none };
}

function* decisionsOf(list: readonly FlowDecision[]): Generator<FlowDecision, undefined> {
  yield* list;
  return undefined;
}

function* decisions(
  kinds: readonly FlowFault[],
  quietBytes: number,
  everyBytes: number,
  random: () => number,
): Generator<FlowDecision, undefined> {
  for (let quiet = quietBytes; ; quiet = 0) {
    const kind = oneOf(kinds, random);
    if (kind === undefined) return undefined;
    yield { kind, afterBytes: quiet + logUniform(random, everyBytes), amount: logUniform(random, AMOUNTS[kind]) };
  }
}

function oneOf<T>(list: readonly T[], random: () => number): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** 1 to `most`, of each order of magnitude as often. */
function logUniform(random: () => number, most: number): number {
  return Math.max(1, Math.round(2 ** (random() * Math.log2(most))));
}
