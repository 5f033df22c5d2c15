/**
 * Does work for each item, at most `limit` at once and begun in order, and yields how each went in the items' order,
 * as soon as those before it are done.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): AsyncGenerator<{ item: T; outcome: PromiseSettledResult<R> }> {
  const queue = items.map((item, index) => ({
    item,
    index,
    settled: Promise.withResolvers<PromiseSettledResult<R>>(),
  }));
  const waiting = queue.values();
  const worker = async (): Promise<void> => {
    // All workers share the iterator, so each takes the next that nobody has.
    for (const { item, index, settled } of waiting) {
      const [outcome] = await Promise.allSettled([work(item, index)]);
      settled.resolve(outcome);
    }
  };
  for (let count = 0; count < Math.min(limit, items.length); count++) void worker();
  for (const { item, settled } of queue) yield { item, outcome: await settled.promise };
}
