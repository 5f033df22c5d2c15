import { expect, test } from 'vitest';
import { HangingProgram } from '../testing/hanging-program.ts';
import { echoes, hidesLines, signalsOnInterrupt } from './line-discipline.ts';

test('of a terminal that stty does not tell of in time, what is safe is taken for true', async () => {
  using stty = new HangingProgram('stty');
  // What is typed is not shown, and Ctrl-C is a signal.
  expect(await Promise.all([echoes('/dev/null', 100), hidesLines('/dev/null', 100)])).toEqual([false, false]);
  expect(signalsOnInterrupt('/dev/null', 100)).toBe(true);
  await expect.poll(() => stty.running).toEqual([]);
});
