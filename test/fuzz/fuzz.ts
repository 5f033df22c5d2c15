import { Worker } from 'node:worker_threads';
import type { TargetName } from './target.ts';

/** What a worker is started with. */
export type FuzzJob = {
  target: TargetName;
  seed: number;
  /** It runs so long, unless a number of inputs is given. */
  milliseconds: number;
  inputs?: number | undefined;
  /** The input that runs now, and its number and length: all that is known when it never ends. */
  current: SharedArrayBuffer;
  state: SharedArrayBuffer;
};

export type FuzzReport = {
  inputs: number;
  seconds: number;
  /** Different things that came of them. */
  outcomes: number;
  growthMiB: number;
};

type Answer = { report: FuzzReport } | { failure: string; input?: Uint8Array };

/** An input that does not end in this time never does: the worker itself measures what is slow. */
const HANG_MS = 60_000;
const LOOK_MS = 1000;
const SHOWN_BYTES = 64 * 1024;

/**
 * Gives a target changes of its corpus until time or number is up, in a thread of its own.
 * @param limits.milliseconds HOLDFAST_TEST_FUZZ_MS or 10 s, unless a number of inputs is given
 * @throws Error with the seed and the input, which is to go into the corpus
 */
export async function fuzz(target: TargetName, limits: { inputs?: number } = {}): Promise<FuzzReport> {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 1_000_000));
  const milliseconds = Number(process.env['HOLDFAST_TEST_FUZZ_MS'] ?? 10_000);
  const current = new SharedArrayBuffer(SHOWN_BYTES);
  const state = new SharedArrayBuffer(8);
  const workerData: FuzzJob = { target, seed, milliseconds, inputs: limits.inputs, current, state };
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData });
  const watching = watchProgress(worker, { current, state });
  try {
    const answer = await watching.answer;
    if ('failure' in answer) throw new Error(`${target}, seed ${seed}: ${answer.failure}${shown(answer.input)}`);
    const { report } = answer;
    const speed = Math.round(report.inputs / report.seconds);
    const figures = `${report.outcomes} outcomes, memory +${report.growthMiB} MiB`;
    console.log(
      `${target}: ${report.inputs} inputs in ${report.seconds.toFixed(1)} s (${speed}/s), ${figures}, seed ${seed}`,
    );
    return report;
  } finally {
    watching.stop();
    await worker.terminate();
  }
}

/** What the worker says in the end; or a failure, with the input, when nothing moves any more. */
function watchProgress(
  worker: Worker,
  shared: Pick<FuzzJob, 'current' | 'state'>,
): { answer: Promise<Answer>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const state = new Int32Array(shared.state);
  let seen = -1;
  let movedAt = performance.now();
  const fail = (failure: string): void => {
    resolve({ failure, input: Buffer.from(new Uint8Array(shared.current).subarray(0, state[1])) });
  };
  const timer = setInterval(() => {
    const now = Atomics.load(state, 0);
    if (now !== seen) movedAt = performance.now();
    seen = now;
    if (performance.now() - movedAt >= HANG_MS) fail(`It hangs: nothing came of an input in ${HANG_MS / 1000} s`);
  }, LOOK_MS);
  worker.on('message', resolve);
  worker.on('error', (error) => fail(error.stack ?? error.message));
  worker.on('exit', () => fail('The worker ended without a word'));
  return { answer: promise, stop: () => clearInterval(timer) };
}

function shown(input: Uint8Array | undefined): string {
  return input === undefined ? '' : `\ninput, base64, for the corpus: ${Buffer.from(input).toString('base64')}`;
}
