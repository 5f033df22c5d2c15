import { FrameKind, MAX_PAYLOAD, encodeData } from '@holdfast/protocol';

/** The frames of a snapshot that stands for all output below `offset`; the last one is empty. */
export function snapshotFrames(channel: number, offset: number, snapshot: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < snapshot.length; at += MAX_PAYLOAD) {
    frames.push(encodeData(FrameKind.snapshot, channel, offset, snapshot.subarray(at, at + MAX_PAYLOAD)));
  }
  frames.push(encodeData(FrameKind.snapshot, channel, offset, Buffer.alloc(0)));
  return frames;
}
