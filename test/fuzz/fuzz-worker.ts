import { parentPort, workerData } from 'node:worker_threads';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readCorpus } from './corpus.ts';
import type { FuzzJob, FuzzReport } from './fuzz.ts';
import { mutateBytes, type Material } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import { mutateLines } from './mutate-lines.ts';
import { Population } from './population.ts';
import { Randomness } from './randomness.ts';
import { TARGETS, type FuzzTarget } from './target.ts';

/** Processor time of one input. */
const SLOW_MS = 1000;
const TURN_INPUTS = 512;
const STACK_LINES = 20;
const MIB = 1024 * 1024;
/** More than this between the first tenth of a run and its end is a leak; the population is in it. */
const MOST_GROWTH = 48 * MIB;

const job = workerData as FuzzJob;
const current = new Uint8Array(job.current);
const state = new Int32Array(job.state);

/** One run: first the corpus as it is, then changes of it until time or number is up. */
async function run(): Promise<FuzzReport> {
  const random = new Randomness(job.seed);
  const target = (await TARGETS[job.target]()).makeTarget(random);
  const population = new Population([...readCorpus(job.target), ...(target.seeds ?? [])]);
  const originals = [...population.inputs];
  const startedAt = performance.now();
  const share = (): number =>
    job.inputs === undefined ? (performance.now() - startedAt) / job.milliseconds : inputs / job.inputs;
  let inputs = 0;
  let settled: number | undefined;
  while (inputs < originals.length || share() < 1) {
    const batch: Buffer[] = [];
    for (let count = 0; count < TURN_INPUTS; count += 1) {
      batch.push(originals[inputs + count] ?? nextInput(target, population, random));
    }
    await runBatch(target, batch, population);
    inputs += batch.length;
    assertClean();
    await turn();
    if (share() > 0.1) settled ??= memory();
  }
  target.finish?.();
  const growth = memory() - (settled ?? 0);
  if (growth > MOST_GROWTH) throw new Error(`Memory grew by ${Math.round(growth / MIB)} MiB`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { inputs, seconds, outcomes: population.outcomes, growthMiB: Math.round(growth / MIB) };
}

async function runBatch(target: FuzzTarget, batch: readonly Buffer[], population: Population): Promise<void> {
  const { parallel = 1 } = target;
  for (let at = 0; at < batch.length; at += parallel) {
    if (parallel === 1) await runOne(target, batch[at] ?? Buffer.alloc(0), population);
    else await Promise.all(batch.slice(at, at + parallel).map((input) => runOne(target, input, population)));
  }
}

async function runOne(target: FuzzTarget, input: Buffer, population: Population): Promise<void> {
  // Where the process hangs nobody else can tell what in.
  current.set(input.subarray(0, current.length));
  state[1] = input.length;
  Atomics.add(state, 0, 1);
  running.add(input);
  const startedAt = performance.now();
  try {
    const outcome = target.run(input);
    population.consider(input, typeof outcome === 'string' ? outcome : await outcome);
    if (performance.now() - startedAt > SLOW_MS && target.parallel === undefined) await assertQuick(target, input);
  } catch (error) {
    throw new FoundError(await explained(target, input, error), input);
  } finally {
    running.delete(input);
  }
}

/** Runs it once more by itself: other work of the machine counts for nothing. */
async function assertQuick(target: FuzzTarget, input: Buffer): Promise<void> {
  const before = process.threadCpuUsage();
  await target.run(input);
  const { user, system } = process.threadCpuUsage(before);
  const milliseconds = (user + system) / 1000;
  if (milliseconds > SLOW_MS) throw new Error(`It took ${Math.round(milliseconds)} ms`);
}

/** The error with its stack, which is not collected for the millions of refusals. */
async function explained(target: FuzzTarget, input: Buffer, error: unknown): Promise<unknown> {
  Error.stackTraceLimit = STACK_LINES;
  try {
    await target.run(input);
    return error;
  } catch (again) {
    return again;
  }
}

function nextInput(target: FuzzTarget, population: Population, random: Randomness): Buffer {
  const material: Material = {
    random,
    dictionary: target.dictionary,
    other: () => random.pick(population.inputs),
  };
  const base = random.pick(population.inputs);
  return mutate(target.inputs, base, material).subarray(0, target.maxBytes);
}

function mutate(inputs: FuzzTarget['inputs'], base: Buffer, material: Material): Buffer {
  const { random } = material;
  if (inputs === 'lines' && !random.oneIn(10)) return mutateLines(base, material);
  const asJson = inputs === 'json' && !random.oneIn(5) ? mutateJson(base.toString(), material) : undefined;
  return asJson ?? mutateBytes(base, material);
}

function assertClean(): void {
  const keys: string[] = [];
  // oxlint-disable-next-line guard-for-in -- what is inherited is what is looked for
  for (const key in {}) keys.push(key);
  if (keys.length > 0) throw new Error(`Object.prototype has got ${keys.join(', ')}`);
  const own = Object.getOwnPropertyNames(Object.prototype).length;
  if (own !== PROTOTYPE_MEMBERS) throw new Error(`Object.prototype has ${own} members instead of ${PROTOTYPE_MEMBERS}`);
}

function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What an input found. */
class FoundError extends Error {
  readonly input: Buffer;

  constructor(cause: unknown, input: Buffer) {
    super(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), { cause });
    this.input = input;
  }
}

/** Inputs that nothing came of yet. */
const running = new Set<Buffer>();
process.on('exit', () => {
  const [input] = running;
  // Nothing is left that could settle it.
  if (input !== undefined) parentPort?.postMessage({ failure: 'A promise never settles', input });
});

const PROTOTYPE_MEMBERS = Object.getOwnPropertyNames(Object.prototype).length;
setFlagsFromString('--expose-gc');
Error.stackTraceLimit = 0;
const collectGarbage = runInNewContext('gc') as () => void;

try {
  parentPort?.postMessage({ report: await run() });
} catch (error) {
  const input = error instanceof FoundError ? error.input : undefined;
  parentPort?.postMessage({ failure: error instanceof Error ? error.message : String(error), input });
}
