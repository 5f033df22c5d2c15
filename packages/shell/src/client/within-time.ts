import { RemotingError } from '@holdfast/protocol';

/**
 * Does work that takes a signal, for so many milliseconds at most; undefined and 0 set no limit.
 * @param what what did not happen in time, as the beginning of a sentence
 * @throws RemotingError OperationTimedOut when the time is over, or what the work throws
 */
export async function withinTime<T>(
  limitMs: number | undefined,
  { what, signal }: { what: string; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (limitMs === undefined || limitMs === 0) return work(signal);
  const timeout = AbortSignal.timeout(limitMs);
  try {
    return await work(signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
  } catch (cause) {
    if (!timeout.aborted || signal?.aborted === true) throw cause;
    throw new RemotingError('OperationTimedOut', `${what} within ${limitMs} ms`, { cause });
  }
}
