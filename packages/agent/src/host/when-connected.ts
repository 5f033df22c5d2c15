import type { Socket } from 'node:net';
import { RemotingError } from '@holdfast/protocol';

/**
 * Waits until `socket` is connected to the session host called `name`; else it is destroyed.
 * @throws RemotingError HostUnavailable
 */
export async function whenConnected(socket: Socket, name: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(new Error('It did not answer in time'));
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('connect', resolve).once('error', reject);
  try {
    await promise;
  } catch (cause) {
    socket.destroy();
    throw new RemotingError('HostUnavailable', `No session host answers at ${name}`, { target: name, cause });
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.off('error', reject);
  }
}
