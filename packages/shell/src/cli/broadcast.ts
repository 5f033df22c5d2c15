/**
 * Splits one stream into several that each yield all of it. A chunk is read when every reader has asked for it, so that
 * the slowest one paces the source; a reader that ends early holds nobody up.
 */
export function broadcast<T>(source: AsyncIterable<T>, readers: number): AsyncIterable<T>[] {
  const iterator = source[Symbol.asyncIterator]();
  let active = readers;
  let waiting: ((result: Promise<IteratorResult<T>>) => void)[] = [];
  const deliver = (): void => {
    if (waiting.length === 0 || waiting.length < active) return;
    const next = iterator.next();
    // Each reader sees a failure; this keeps it from being unhandled when none is left.
    next.catch(() => {});
    for (const resolve of waiting) resolve(next);
    waiting = [];
  };
  const read = async function* (): AsyncGenerator<T> {
    try {
      for (;;) {
        const { promise, resolve } = Promise.withResolvers<IteratorResult<T>>();
        waiting.push(resolve);
        deliver();
        const result = await promise;
        if (result.done === true) return;
        yield result.value;
      }
    } finally {
      active--;
      deliver();
    }
  };
  return Array.from({ length: readers }, read);
}
