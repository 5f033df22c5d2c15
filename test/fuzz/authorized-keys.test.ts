import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('a damaged authorized_keys file lets in no key that ssh-keygen does not find there', async () => {
  expect((await fuzz('authorized-keys')).outcomes).toBeGreaterThan(20);
});
