// A pipe's end, not a network's: Node has no other class that waits on a descriptor.
// oxlint-disable-next-line no-restricted-imports
import { Socket } from 'node:net';

/** A stream over one end of a pipe; it owns the descriptor `fd` of this process. */
export function openPipeEnd(fd: number, end: 'read' | 'write'): Socket {
  return new Socket({ fd, readable: end === 'read', writable: end === 'write' });
}
