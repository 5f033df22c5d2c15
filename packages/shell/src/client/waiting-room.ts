import { RemotingError } from '@holdfast/protocol';

/** Callers that wait for one thing to happen. */
export class WaitingRoom {
  #waiters = new Set<PromiseWithResolvers<void>>();

  get size(): number {
    return this.#waiters.size;
  }

  /** @throws the error of `failAll`, or OperationStopped when the signal aborts */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw stopped();
    const waiter = Promise.withResolvers<void>();
    const onAbort = (): void => waiter.reject(stopped());
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await waiter.promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#waiters.delete(waiter);
    }
  }

  releaseAll(): void {
    for (const waiter of this.#waiters) waiter.resolve();
  }

  failAll(error: Error): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}

function stopped(): RemotingError {
  return new RemotingError('OperationStopped', 'Stopped while there was no link');
}
