/** One of the streams that a source was split into. */
export type BroadcastReader<T> = AsyncIterable<T> & {
  /** It will read no more; the others wait for it no longer. */
  release: () => void;
};

/**
 * Splits one stream into several that each yield all of it. A chunk is read when every reader has asked for it, so that
 * the slowest one paces the source; one that ends early or is released holds nobody up.
 */
export function broadcast<T>(source: AsyncIterable<T>, count: number): BroadcastReader<T>[] {
  const iterator = source[Symbol.asyncIterator]();
  const active = new Set<BroadcastReader<T>>();
  const waiting = new Map<
    BroadcastReader<T>,
    (result: Promise<IteratorResult<T>> | IteratorReturnResult<undefined>) => void
  >();
  const deliver = (): void => {
    if (waiting.size === 0 || waiting.size < active.size) return;
    const next = iterator.next();
    // Each reader sees a failure; this keeps it from being unhandled when none is left.
    next.catch(() => {});
    for (const resolve of waiting.values()) resolve(next);
    waiting.clear();
  };
  const makeReader = (): BroadcastReader<T> => {
    const reader = {
      release: (): void => {
        if (!active.delete(reader)) return;
        waiting.get(reader)?.({ done: true, value: undefined });
        waiting.delete(reader);
        deliver();
      },
      async *[Symbol.asyncIterator](): AsyncGenerator<T> {
        try {
          while (active.has(reader)) {
            const { promise, resolve } = Promise.withResolvers<IteratorResult<T>>();
            waiting.set(reader, resolve);
            deliver();
            const result = await promise;
            if (result.done === true) return;
            yield result.value;
          }
        } finally {
          reader.release();
        }
      },
    };
    active.add(reader);
    return reader;
  };
  return Array.from({ length: count }, makeReader);
}
