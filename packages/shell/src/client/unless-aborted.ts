import { RemotingError } from '@holdfast/protocol';

/** What comes of `work`, for as long as the signal lets anybody wait for it. @throws RemotingError OperationStopped on abort */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const stopped = Promise.withResolvers<never>();
  const onAbort = (): void =>
    stopped.reject(new RemotingError('OperationStopped', 'Stopped before there was an answer'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
