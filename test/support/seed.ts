import { TestRunner, type RunnerTestCase } from 'vitest';

/**
 * The seed of a test: HOLDFAST_TEST_SEED repeats one. When the test that asks for it fails, it is said.
 * @param test who asks; to be given where several run at once
 */
export function testSeed(test = TestRunner.getCurrentTest<RunnerTestCase | undefined>()): number {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1_000_000);
  test?.context.onTestFailed(() => void process.stderr.write(`Repeat it with HOLDFAST_TEST_SEED=${seed}\n`));
  return seed;
}
