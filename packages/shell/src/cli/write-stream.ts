import type { Writable } from 'node:stream';

/** Writes, and resolves when the bytes have left the process, or nobody reads them any more. */
export function writeTo(stream: Writable, bytes: Uint8Array | string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // What cannot be written is lost; the stream's own error event tells of it.
  stream.write(bytes, () => resolve());
  return promise;
}
