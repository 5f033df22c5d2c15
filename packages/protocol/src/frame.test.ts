import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RemotingError } from './errors.ts';
import {
  FrameKind,
  MAX_FRAME,
  MAX_PAYLOAD,
  decodeFrame,
  encodeAck,
  encodeControl,
  encodeData,
  encodePing,
} from './frame.ts';

const channel = fc.integer({ min: 0, max: 0xffff_ffff });
const offset = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const payload = fc.uint8Array({ maxLength: 100 });

describe('frames', () => {
  test('data and snapshot frames come back as they were', () => {
    fc.assert(
      fc.property(
        channel,
        offset,
        payload,
        fc.constantFrom(FrameKind.data, FrameKind.snapshot),
        (ch, at, bytes, kind) => {
          const frame = decodeFrame(encodeData(kind, ch, at, bytes));
          expect(frame).toEqual({ kind, channel: ch, offset: at, payload: Buffer.from(bytes) });
        },
      ),
    );
  });

  test('acknowledgements and control frames come back as they were', () => {
    fc.assert(
      fc.property(channel, offset, offset, payload, (ch, received, limit, bytes) => {
        expect(decodeFrame(encodeAck(ch, received, limit))).toEqual({
          kind: FrameKind.ack,
          channel: ch,
          received,
          limit,
        });
        expect(decodeFrame(encodeControl(FrameKind.control, ch, bytes)).channel).toBe(ch);
      }),
    );
  });

  test('a ping carries its time', () => {
    expect(decodeFrame(encodePing(FrameKind.ping, 1234.9))).toEqual({ kind: FrameKind.ping, channel: 0, time: 1234 });
  });

  test('random bytes are decoded or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeFrame(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(RemotingError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['no byte', Buffer.alloc(0)],
    ['an unknown kind', Buffer.from('0900000000', 'hex')],
    ['a data frame without an offset', Buffer.from('0300000001', 'hex')],
    ['an ack that is too long', Buffer.concat([encodeAck(1, 2, 3), Buffer.alloc(1)])],
    ['an offset over 2^53', Buffer.from('03000000010020000000000000', 'hex')],
    [
      'more payload than a frame may have',
      Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.alloc(MAX_PAYLOAD + 1)]),
    ],
  ])('%s is a protocol violation', (_name, bytes) => {
    expect(() => decodeFrame(bytes)).toThrowError(expect.objectContaining({ id: 'ProtocolViolation' }));
  });

  test('a frame over the limit is refused by its length alone', () => {
    expect(() => decodeFrame(Buffer.alloc(MAX_FRAME + 1))).toThrowError(
      expect.objectContaining({ id: 'FrameTooLarge' }),
    );
  });
});
