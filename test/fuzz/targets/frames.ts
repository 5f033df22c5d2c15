import { Duplex } from 'node:stream';
import {
  FrameKind,
  MAX_FRAME,
  RemotingError,
  StreamTransport,
  decodeFrame,
  encodeAck,
  encodeControl,
  encodeData,
  encodePing,
  frameOnStream,
  type Frame,
} from '@holdfast/protocol';
import type { Randomness } from '../randomness.ts';
import type { FuzzTarget } from '../target.ts';

/** Of the number in front of each frame. */
const LENGTH_BYTES = 4;

/**
 * A byte stream of frames, cut into chunks anywhere. Cut or whole it gives the same frames; every frame that is taken
 * encodes to the bytes that came; what is kept back is less than the frame that it is of.
 */
export function makeTarget(random: Randomness): FuzzTarget {
  return {
    inputs: 'bytes',
    dictionary: Object.values(FrameKind).flatMap((kind) => [
      String.fromCharCode(kind),
      `\u0000\u0000\u0000\u0015${String.fromCharCode(kind)}\u0000\u0000\u0000\u0001`,
    ]),
    maxBytes: 4096,
    run(input) {
      const whole = framesOf([input]);
      const cut = framesOf(pieces(input, random));
      if (whole.closed !== cut.closed || !sameFrames(whole.frames, cut.frames)) {
        throw new Error('Cut into pieces the stream gives other frames');
      }
      const taken = Buffer.concat(whole.frames.map(frameOnStream));
      if (!input.subarray(0, taken.length).equals(taken)) throw new Error('The frames are not what came');
      assertRestIsPart(input.subarray(taken.length), whole.closed);
      return `${whole.closed ? 'closed ' : ''}${outcomes(whole.frames)}`;
    },
  };
}

/** Nothing is kept back but the part of one frame, by the length in front of it; the stream is closed if no frame is so long. */
function assertRestIsPart(rest: Buffer, closed: boolean): void {
  const length = rest.length < LENGTH_BYTES ? undefined : rest.readUInt32BE(0);
  const isTooLong = length !== undefined && length > MAX_FRAME;
  if (closed !== isTooLong) throw new Error(`The stream is ${closed ? 'closed' : 'open'} at a length of ${length}`);
  if (!closed && length !== undefined && rest.length >= LENGTH_BYTES + length) throw new Error('A frame is kept back');
}

function framesOf(chunks: readonly Buffer[]): { frames: Buffer[]; closed: boolean } {
  const stream = new Duplex({ read: ignore, write: (_chunk, _encoding, done) => done() });
  const transport = new StreamTransport(stream);
  const frames: Buffer[] = [];
  transport.onFrame = (frame) => frames.push(frame);
  for (const chunk of chunks) {
    if (stream.destroyed) break;
    stream.emit('data', chunk);
  }
  const closed = stream.destroyed;
  stream.destroy();
  return { frames, closed };
}

function pieces(input: Buffer, random: Randomness): Buffer[] {
  const result: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const length = 1 + random.below(random.oneIn(2) ? 4 : 64);
    result.push(input.subarray(at, at + length));
    at += length;
  }
  return result;
}

function sameFrames(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return one.length === other.length && one.every((frame, index) => other[index]?.equals(frame) === true);
}

/** Kinds and faults of the first frames, which tell how far an input got. */
function outcomes(frames: readonly Buffer[]): string {
  return frames
    .map((frame, index) => {
      const outcome = decode(frame);
      return index < 3 ? outcome : '';
    })
    .join('');
}

function decode(bytes: Buffer): string {
  let frame: Frame;
  try {
    frame = decodeFrame(bytes);
  } catch (error) {
    if (!(error instanceof RemotingError)) throw error;
    if (error.id !== 'ProtocolViolation' && error.id !== 'FrameTooLarge') throw error;
    return `${error.message.replaceAll(/\d+/g, '')} `;
  }
  if (!encode(frame).equals(bytes)) throw new Error(`A frame of kind ${frame.kind} is encoded to other bytes`);
  return `${frame.kind} `;
}

function encode(frame: Frame): Buffer {
  switch (frame.kind) {
    case FrameKind.control:
    case FrameKind.controlPart:
      return encodeControl(frame.kind, frame.channel, frame.payload);
    case FrameKind.data:
    case FrameKind.snapshot:
      return encodeData(frame.kind, frame.channel, frame.offset, frame.payload);
    case FrameKind.ack:
      return encodeAck(frame.channel, frame.received, frame.limit);
    default: {
      // Ours have no channel; what another build puts there comes back unread.
      const bytes = encodePing(frame.kind, frame.time);
      bytes.writeUInt32BE(frame.channel, 1);
      return bytes;
    }
  }
}

function ignore(): void {}
