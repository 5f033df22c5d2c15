import { RemotingError } from '@holdfast/protocol';
import type { RemoteSession } from './remote-session.ts';
import { unlessAborted } from './unless-aborted.ts';

/**
 * Resolves when a session's shell takes a command, or runs one.
 * @throws RemotingError InvalidSetting for a program that is no shell we know; OperationStopped on abort; why the session was lost
 */
export async function shellReady(session: RemoteSession, signal: AbortSignal | undefined): Promise<void> {
  refuseRaw(session);
  if (session.info.ready || session.info.command !== undefined) return;
  const ready = Promise.withResolvers<void>();
  const stops = [
    session.onEvent(({ type }) => {
      if (type === 'session.ready' || type === 'command.ready') ready.resolve();
    }),
    session.onState((_state, { error, reason }) => ready.reject(error ?? new RemotingError('SessionExited', reason))),
  ];
  try {
    await unlessAborted(ready.promise, signal);
  } finally {
    for (const stop of stops) stop();
  }
  refuseRaw(session);
}

function refuseRaw({ info }: RemoteSession): void {
  if (info.driver !== 'raw') return;
  const message = `The session ${info.name} runs ${info.program} as a plain terminal, which takes no commands: enter it`;
  throw new RemotingError('InvalidSetting', message, { target: info.name });
}
