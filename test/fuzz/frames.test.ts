import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('a stream of frames, however it is cut or damaged, gives the frames that came or a declared error', async () => {
  expect((await fuzz('frames')).outcomes).toBeGreaterThan(20);
});
