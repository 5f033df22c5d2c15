import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('a damaged configuration is refused in one line, or means the same when it is written again', async () => {
  expect((await fuzz('toml')).outcomes).toBeGreaterThan(20);
});
