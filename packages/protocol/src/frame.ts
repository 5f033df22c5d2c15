import { RemotingError } from './errors.ts';

/** Kinds of frame; the layout of each is in docs/protocol.md. */
export const FrameKind = {
  control: 1,
  controlPart: 2,
  data: 3,
  ack: 4,
  snapshot: 5,
  ping: 6,
  pong: 7,
} as const;

export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Most payload bytes in one frame: small enough that an echo is never long behind a flood. */
export const MAX_PAYLOAD = 32 * 1024;

/** Longest header: kind, channel, two 64-bit numbers. */
const MAX_HEADER = 21;

/** No frame is longer than this; a longer one closes the link before it is read. */
export const MAX_FRAME = MAX_HEADER + MAX_PAYLOAD;

/** One unit on the wire, decoded. */
export type Frame =
  | { kind: typeof FrameKind.control; channel: number; payload: Buffer }
  | { kind: typeof FrameKind.controlPart; channel: number; payload: Buffer }
  | { kind: typeof FrameKind.data; channel: number; offset: number; payload: Buffer }
  | { kind: typeof FrameKind.snapshot; channel: number; offset: number; payload: Buffer }
  | { kind: typeof FrameKind.ack; channel: number; received: number; limit: number }
  | { kind: typeof FrameKind.ping; channel: number; time: number }
  | { kind: typeof FrameKind.pong; channel: number; time: number };

/**
 * Encodes a frame that carries bytes at an absolute offset (data) or a snapshot's text.
 * @param offset byte position of payload[0] in the channel's direction, 0 to 2^53-1
 */
export function encodeData(
  kind: typeof FrameKind.data | typeof FrameKind.snapshot,
  channel: number,
  offset: number,
  payload: Uint8Array,
): Buffer {
  const frame = Buffer.allocUnsafe(13 + payload.length);
  frame[0] = kind;
  frame.writeUInt32BE(channel, 1);
  writeOffset(frame, offset, 5);
  frame.set(payload, 13);
  return frame;
}

/** Encodes one piece of a control message: the last piece is `control`, those before it `controlPart`. */
export function encodeControl(
  kind: typeof FrameKind.control | typeof FrameKind.controlPart,
  channel: number,
  payload: Uint8Array,
): Buffer {
  const frame = Buffer.allocUnsafe(5 + payload.length);
  frame[0] = kind;
  frame.writeUInt32BE(channel, 1);
  frame.set(payload, 5);
  return frame;
}

/**
 * Encodes an acknowledgement.
 * @param received everything below this offset has arrived and been consumed
 * @param limit the peer may send bytes below this offset
 */
export function encodeAck(channel: number, received: number, limit: number): Buffer {
  const frame = Buffer.allocUnsafe(21);
  frame[0] = FrameKind.ack;
  frame.writeUInt32BE(channel, 1);
  writeOffset(frame, received, 5);
  writeOffset(frame, limit, 13);
  return frame;
}

/** Encodes a ping or the pong that answers it; time is the sender's own, in milliseconds, and comes back unread. */
export function encodePing(kind: typeof FrameKind.ping | typeof FrameKind.pong, time: number): Buffer {
  const frame = Buffer.allocUnsafe(13);
  frame[0] = kind;
  frame.writeUInt32BE(0, 1);
  writeOffset(frame, Math.max(0, Math.floor(time)), 5);
  return frame;
}

const LENGTH: Partial<Record<number, { min: number; max: number }>> = {
  [FrameKind.control]: { min: 5, max: 5 + MAX_PAYLOAD },
  [FrameKind.controlPart]: { min: 5, max: 5 + MAX_PAYLOAD },
  [FrameKind.data]: { min: 13, max: 13 + MAX_PAYLOAD },
  [FrameKind.snapshot]: { min: 13, max: 13 + MAX_PAYLOAD },
  [FrameKind.ack]: { min: 21, max: 21 },
  [FrameKind.ping]: { min: 13, max: 13 },
  [FrameKind.pong]: { min: 13, max: 13 },
};

/**
 * Decodes one frame; payloads are views of `bytes`, not copies.
 * @throws RemotingError ProtocolViolation (unknown kind, wrong length, offset over 2^53) or FrameTooLarge
 */
export function decodeFrame(bytes: Buffer): Frame {
  const kind = checkedKind(bytes);
  const channel = bytes.readUInt32BE(1);
  switch (kind) {
    case FrameKind.control:
    case FrameKind.controlPart:
      return { kind, channel, payload: bytes.subarray(5) };
    case FrameKind.data:
    case FrameKind.snapshot:
      return { kind, channel, offset: readOffset(bytes, 5), payload: bytes.subarray(13) };
    case FrameKind.ack:
      return { kind, channel, received: readOffset(bytes, 5), limit: readOffset(bytes, 13) };
    case FrameKind.ping:
    case FrameKind.pong:
      return { kind, channel, time: readOffset(bytes, 5) };
    default:
      throw new RemotingError('ProtocolViolation', `A frame of unknown kind ${kind}`);
  }
}

function checkedKind(bytes: Buffer): number {
  if (bytes.length > MAX_FRAME) {
    throw new RemotingError('FrameTooLarge', `A frame of ${bytes.length} bytes is over the limit of ${MAX_FRAME}`);
  }
  const kind = bytes[0] ?? 0;
  const length = LENGTH[kind];
  if (length === undefined) throw new RemotingError('ProtocolViolation', `A frame of unknown kind ${kind}`);
  if (bytes.length < length.min || bytes.length > length.max) {
    throw new RemotingError('ProtocolViolation', `A frame of kind ${kind} cannot have ${bytes.length} bytes`);
  }
  return kind;
}

function writeOffset(frame: Buffer, offset: number, at: number): void {
  frame.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), at);
  frame.writeUInt32BE(offset % 0x1_0000_0000, at + 4);
}

function readOffset(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32BE(at);
  if (high >= 0x20_0000) throw new RemotingError('ProtocolViolation', 'An offset is over 2^53');
  return high * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
