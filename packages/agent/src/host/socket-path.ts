import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';

/** Longest path in a socket address (unix(7): 108 bytes with the final zero). */
const MAX_SOCKET_PATH = 107;

/**
 * A path by which the socket `name` in `folder` can be bound or connected to, however long the folder's own is.
 * Dispose of it once that is done for good: the short path goes with it.
 */
export function socketPath(folder: string, name: string): { path: string; [Symbol.dispose]: () => void } {
  const full = join(folder, name);
  if (Buffer.byteLength(full) <= MAX_SOCKET_PATH) return { path: full, [Symbol.dispose]: () => undefined };
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${descriptor}/${name}`, [Symbol.dispose]: () => closeSync(descriptor) };
}
