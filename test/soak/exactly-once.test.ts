import { test } from 'vitest';
import { cutExactlyOnce } from '../support/cut-exactly-once.ts';

const CUTS = Number(process.env['HOLDFAST_TEST_CUTS'] ?? 10_000);

test(`${CUTS} cuts lose and repeat nothing, out or in`, async () => {
  await cutExactlyOnce(CUTS, 'lost');
});
