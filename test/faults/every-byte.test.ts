import { test } from 'vitest';
import { cutAtEveryByte } from '../support/cut-at-every-byte.ts';

test('a conversation that is cut behind any byte comes whole and once, or is refused before it begins', async () => {
  await cutAtEveryByte(60);
}, 120_000);
