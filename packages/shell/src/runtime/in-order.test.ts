import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';

test('inOrder() yields in the order of the items, whatever ends first, and keeps failures apart', async () => {
  const gates = new Map<number, () => void>();
  const work = async (item: number): Promise<number> => {
    if (item === 1) await new Promise<void>((resolve) => gates.set(item, resolve));
    else gates.get(1)?.();
    if (item === 2) throw new Error('two');
    return item * 10;
  };
  const outcomes: unknown[] = [];
  for await (const { item, outcome } of inOrder([1, 2, 3], 32, work)) outcomes.push([item, outcome.status]);
  expect(outcomes).toEqual([
    [1, 'fulfilled'],
    [2, 'rejected'],
    [3, 'fulfilled'],
  ]);
});

test('inOrder() has no more at work than it may', async () => {
  let active = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++active);
    await new Promise(setImmediate);
    active--;
  };
  for await (const { outcome } of inOrder(Array.from({ length: 20 }), 4, work))
    expect(outcome.status).toBe('fulfilled');
  expect(most).toBe(4);
});
