import { setTimeout as sleep } from 'node:timers/promises';
import { RemotingError, type ErrorId } from '@holdfast/protocol';

/** What another attempt may get past; a refusal stays one. */
const PASSING: ReadonlySet<ErrorId> = new Set(['ConnectionRefused', 'ConnectionLost', 'HandshakeTimeout']);

/** Tries again while the network fails, so many times more, with a pause before each. @throws what the last attempt threw */
export async function retrying<T>(
  work: () => Promise<T>,
  { retries, pauseMs, signal }: { retries: number; pauseMs: number; signal?: AbortSignal | undefined },
): Promise<T> {
  for (let left = retries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof RemotingError && PASSING.has(error.id);
      if (left <= 0 || !passes || signal?.aborted === true) throw error;
      // The pause is cut short by a stop, which the next attempt finds.
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  }
}
