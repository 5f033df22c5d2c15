import { expect } from 'vitest';

/** Sizes of the work that are compared. */
const FACTOR = 4;
/** A quadratic time grows by 16, a linear one by 4 and what a busy machine adds. */
const MAX_GROWTH = 9;
/** Times below it are noise. */
const NOISE_MS = 30;
const TRIES = 5;

/**
 * Fails when work of four times the size takes the processor far more than four times as long: its own time is taken, so that
 * a busy machine makes no difference, and the best of some tries counts, so that a collection of garbage makes none.
 */
export function expectLinear(work: (size: number) => void, size: number): void {
  let [small, large] = [Infinity, Infinity];
  for (let count = 0; count < TRIES; count++) {
    small = Math.min(
      small,
      processorMs(() => work(size)),
    );
    large = Math.min(
      large,
      processorMs(() => work(size * FACTOR)),
    );
    if (large <= small * MAX_GROWTH + NOISE_MS) return;
  }
  expect.fail(`${size}: ${small} ms, ${size * FACTOR}: ${large} ms`);
}

function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
