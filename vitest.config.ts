import { defineConfig } from 'vitest/config';
import LongestFirst from './tools/longest-first.mjs';

// Tests of real processes: generous limits (a hang fails, a slow machine does not).
export default defineConfig({
  test: {
    // The long runs are `npm run soak`.
    exclude: ['**/node_modules/**', 'test/soak/**'],
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    // Most tests wait most of the time, for a network, a clock or a process.
    maxWorkers: 4,
    // Every test file waits for it: only where it has something to do.
    setupFiles: process.env['HOLDFAST_TEST_SEED'] === undefined ? [] : ['test/support/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', './tools/summary-reporter.mjs'],
  },
});
