import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('a damaged known_hosts file makes no host known that ssh-keygen does not find there', async () => {
  expect((await fuzz('known-hosts')).outcomes).toBeGreaterThan(20);
});
