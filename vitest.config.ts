import { defineConfig } from 'vitest/config';

// Tests of real processes: one file per core at once, generous limits (a hang fails, a slow machine does not).
export default defineConfig({
  test: {
    // The long runs are `npm run soak`.
    exclude: ['**/node_modules/**', 'test/soak/**'],
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', './tools/summary-reporter.mjs'],
  },
});
