import { expect, test } from 'vitest';
import { broadcast } from './broadcast.ts';

async function* numbers(count: number, onRead: (value: number) => void = () => {}): AsyncGenerator<number> {
  for (let value = 0; value < count; value++) {
    onRead(value);
    yield await Promise.resolve(value);
  }
}

async function all(stream: AsyncIterable<number> | undefined): Promise<number[]> {
  const values: number[] = [];
  for await (const value of stream ?? []) values.push(value);
  return values;
}

test('broadcast() gives everything to every reader', async () => {
  const readers = broadcast(numbers(100), 3);
  expect(await Promise.all(readers.map(all))).toEqual(
    readers.map(() => Array.from({ length: 100 }, (_, index) => index)),
  );
});

test('broadcast() reads no further than the slowest reader', async () => {
  let read = -1;
  const [fast, slow] = broadcast(
    numbers(5, (value) => (read = value)),
    2,
  );
  const values = all(fast);
  const iterator = slow?.[Symbol.asyncIterator]();
  expect(await iterator?.next()).toEqual({ done: false, value: 0 });
  await new Promise(setImmediate);
  expect(read).toBe(0);
  await iterator?.return?.();
  expect(await values).toEqual([0, 1, 2, 3, 4]);
});

test('broadcast() waits for no reader that was released before it read', async () => {
  const [first, second] = broadcast(numbers(3), 2);
  const values = all(first);
  second?.release();
  expect(await values).toEqual([0, 1, 2]);
});

test('broadcast() keeps no chunk from a reader because another was released while it waited', async () => {
  const [slow, released] = broadcast(numbers(3), 2);
  const waiting = all(released);
  released?.release();
  expect(await waiting).toEqual([]);
  await new Promise(setImmediate);
  expect(await all(slow)).toEqual([0, 1, 2]);
});

test('broadcast() hands a failure to every reader', async () => {
  const failing = async function* (): AsyncGenerator<number> {
    yield await Promise.resolve(1);
    throw new Error('torn');
  };
  const results = await Promise.allSettled(broadcast(failing(), 2).map(all));
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
});
