import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';
import { TARGETS, type TargetName } from '../fuzz/target.ts';

/** Shortened by HOLDFAST_TEST_INPUTS. */
const INPUTS = Number(process.env['HOLDFAST_TEST_INPUTS'] ?? 10_000_000);

test.each(Object.keys(TARGETS) as TargetName[])(`${INPUTS} inputs for %s`, async (target) => {
  expect((await fuzz(target, { inputs: INPUTS })).inputs).toBeGreaterThanOrEqual(INPUTS);
});
