import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError } from '@holdfast/protocol';
import type { RemoteSession } from './remote-session.ts';

/** A command that was interrupted did not end in time, and goes on in its session. */
export class CommandLeftRunning extends RemotingError {
  constructor({ info }: RemoteSession, afterMs: number) {
    const message = `The command did not end within ${afterMs} ms of its interrupt, and is left running in the session ${info.name}`;
    super('OperationTimedOut', message, { target: info.name });
  }
}

export type StopOptions = {
  readonly signal?: AbortSignal;
  /** From the interrupt of the command to where it is left running, 0 for no end; killAfterMs of the settings by default. */
  readonly cancelTimeoutMs?: number | undefined;
};

/** @throws RemotingError OperationStopped when the signal aborted and the work has ended; CommandLeftRunning where it has not */
export async function orStopped<T>(
  session: RemoteSession,
  work: Promise<T>,
  { signal, cancelTimeoutMs = session.connection.settings.killAfterMs }: StopOptions,
): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const over = new AbortController();
  const stop = (): void => {
    session.interrupt().catch(() => undefined);
    const toldStopped = (): void => stopped.reject(new RemotingError('OperationStopped', 'The command was stopped'));
    work.then(toldStopped, toldStopped);
    if (cancelTimeoutMs === 0) return;
    delay(cancelTimeoutMs, undefined, { ref: false, signal: over.signal }).then(
      () => stopped.reject(new CommandLeftRunning(session, cancelTimeoutMs)),
      // It has ended before.
      () => undefined,
    );
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await Promise.race([work, stopped.promise]);
    return signal?.aborted === true ? await stopped.promise : result;
  } finally {
    signal?.removeEventListener('abort', stop);
    over.abort();
  }
}
