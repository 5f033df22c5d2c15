import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('nobody is let in or believed by a recorded or changed handshake, and each ends with a declared error', async () => {
  expect((await fuzz('handshake')).outcomes).toBeGreaterThan(20);
});
