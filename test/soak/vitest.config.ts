import { defineConfig } from 'vitest/config';

// Long runs, one file after the other; each ends by its own count, and a hang by a limit that no slow machine reaches.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/soak/**/*.test.ts'],
    // Every test file waits for it: only where it has something to do.
    setupFiles: process.env['HOLDFAST_TEST_SEED'] === undefined ? [] : ['test/support/property-seed.ts'],
    maxWorkers: 1,
    testTimeout: 4 * 60 * 60_000,
    reporters: ['default', './tools/summary-reporter.mjs'],
  },
});
