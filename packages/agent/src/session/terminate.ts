import { setTimeout as wait } from 'node:timers/promises';

/**
 * Ends a process group: SIGHUP, after `termAfterMs` SIGTERM, after `killAfterMs` more SIGKILL.
 * @param kill signals the group; nothing happens once it is gone
 * @param exited resolves when the program has ended
 */
export async function terminate(
  kill: (signal: NodeJS.Signals) => void,
  exited: Promise<void>,
  times: { termAfterMs: number; killAfterMs: number },
): Promise<void> {
  kill('SIGHUP');
  if (await within(exited, times.termAfterMs)) return;
  kill('SIGTERM');
  if (await within(exited, times.killAfterMs)) return;
  kill('SIGKILL');
  await exited;
}

async function within(exited: Promise<void>, milliseconds: number): Promise<boolean> {
  const stopWaiting = new AbortController();
  const late = wait(milliseconds, false, { signal: stopWaiting.signal }).catch(() => true);
  const isOver = await Promise.race([exited.then(() => true), late]);
  stopWaiting.abort();
  return isOver;
}
