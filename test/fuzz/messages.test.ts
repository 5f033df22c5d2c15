import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('a control message gives what its schema names and nothing else, or a declared error', async () => {
  expect((await fuzz('messages')).outcomes).toBeGreaterThan(20);
});
