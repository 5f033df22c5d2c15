import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes, and resolves when the stream takes more; undefined when it does so at once. */
export function writeTo(stream: Writable, bytes: Uint8Array | string): Promise<void> | undefined {
  if (stream.write(bytes) || stream.destroyed) return undefined;
  return drained(stream);
}

async function drained(stream: Writable): Promise<void> {
  await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
}

/** Resolves when everything that was written has left the process, or nobody reads it any more. */
export async function flush(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.write('', () => resolve());
  await promise;
}
