// Runs before each test file where HOLDFAST_TEST_SEED is set: fast-check says its seed when a property fails, and so it
// begins with it.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['HOLDFAST_TEST_SEED']) });
