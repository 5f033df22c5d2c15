import { createHash } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Held by at most one process of the machine at a time, and gone with the process. */
export type StartLock = { [Symbol.dispose]: () => void };

/**
 * Waits until this process alone may start a session host in `folder`. The lock is a socket in Linux's abstract
 * namespace (unix(7)): the kernel frees it, whatever becomes of its holder. When it cannot be had before `signal` fires,
 * as when another user keeps the name, the caller goes on without it.
 */
export async function lockStart(folder: string, signal: AbortSignal): Promise<StartLock> {
  const name = `\0holdfast-${createHash('sha256').update(folder).digest('hex')}`;
  while (!signal.aborted) {
    const lock = await tryLock(name);
    if (lock !== undefined) return lock;
    await holderGone(name, signal);
  }
  return { [Symbol.dispose]: () => undefined };
}

async function tryLock(name: string): Promise<StartLock | undefined> {
  const waiting = new Set<Socket>();
  const server: Server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => waiting.delete(socket));
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false)).once('listening', () => resolve(true));
  server.listen(name);
  if (!(await promise)) return undefined;
  const release = (): void => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
  return { [Symbol.dispose]: release };
}

/** Whoever waits is connected to the holder, and sees it close. */
async function holderGone(name: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(name);
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  // An error, such as ECONNREFUSED when it is gone already, is followed by 'close' too.
  socket.on('error', () => undefined).once('close', () => resolve());
  await promise;
  signal.removeEventListener('abort', onAbort);
}
