// The property of snapshots, which holds in `npm test` for the same programs each time, over many more and others.
import { afterAll } from 'vitest';

const startedAt = performance.now();
const runs = (process.env['HOLDFAST_PROPERTY_RUNS'] ??= '5000');
const seed = (process.env['HOLDFAST_TEST_SEED'] ??= String(Date.now() % 1_000_000));

await import('../../packages/agent/src/terminal/snapshot.property.test.ts');

afterAll(() => {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${runs} random programs in ${seconds} s, seed ${seed}`);
});
