import { test } from 'vitest';
import { cutExactlyOnce } from '../support/cut-exactly-once.ts';

const CUTS = Number(process.env['HOLDFAST_TEST_CUTS'] ?? 500);

test(`${CUTS} cuts, with take-overs, kills and upgrades in between, lose and repeat nothing, out or in`, async () => {
  await cutExactlyOnce(CUTS, 'made');
}, 600_000);
