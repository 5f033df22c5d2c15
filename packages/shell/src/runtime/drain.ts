import type { Readable } from 'node:stream';

/** Hands all bytes of a stream on; who takes them may hold it back. */
export async function drain(stream: Readable, onBytes: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) await onBytes(chunk);
}
