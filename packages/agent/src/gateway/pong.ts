import { FrameKind } from '@holdfast/protocol';

/** The pong that answers a ping: the same bytes under another kind. */
export function pongFor(ping: Buffer): Buffer {
  const pong = Buffer.from(ping);
  pong[0] = FrameKind.pong;
  return pong;
}
