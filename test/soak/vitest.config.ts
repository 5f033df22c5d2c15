import { defineConfig } from 'vitest/config';

// Long runs, one file after the other; each ends by its own count, and a hang by a limit that no slow machine reaches.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/soak/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 4 * 60 * 60_000,
    reporters: ['default', './tools/summary-reporter.mjs'],
  },
});
