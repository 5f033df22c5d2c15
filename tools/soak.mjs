// `npm run soak [-- files]`: the long runs of test/soak, one at a time, and the figures that each of them prints.
// HOLDFAST_TEST_CUTS shortens the cuts, HOLDFAST_TEST_SEED repeats a run.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
const files = process.argv.slice(2);
const args = ['run', '--config', 'test/soak/vitest.config.ts', ...files];
const result = spawnSync(process.execPath, [vitest, ...args], { stdio: 'inherit' });
process.exit(result.status ?? 1);
