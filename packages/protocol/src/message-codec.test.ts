import { describe, expect, test } from 'vitest';
import { FrameKind, MAX_PAYLOAD, decodeFrame } from './frame.ts';
import { MessageAssembler, encodeMessage, type RawMessage } from './message-codec.ts';

function roundTrip(message: object, maxBytes?: number): { frames: number; message: RawMessage | undefined } {
  const assembler = new MessageAssembler(maxBytes);
  const frames = encodeMessage(7, message);
  let last: RawMessage | undefined;
  for (const bytes of frames) {
    const frame = decodeFrame(bytes);
    if (frame.kind !== FrameKind.control && frame.kind !== FrameKind.controlPart)
      throw new TypeError('No control frame');
    last = assembler.accept(frame.channel, frame.payload, frame.kind === FrameKind.control);
  }
  return { frames: frames.length, message: last };
}

describe('control messages', () => {
  test('a small one is one frame', () => {
    expect(roundTrip({ type: 'session.list', id: 3 })).toEqual({ frames: 1, message: { type: 'session.list', id: 3 } });
  });

  test('a command of a mebibyte is cut into frames and put together', () => {
    const text = 'é'.repeat(512 * 1024);
    const result = roundTrip({ type: 'command.run', id: 1, text });
    expect(result.frames).toBeGreaterThan((1024 * 1024) / MAX_PAYLOAD);
    expect(result.message?.['text']).toBe(text);
  });

  test('more than the limit is refused before it is parsed', () => {
    expect(() => roundTrip({ type: 'x', text: 'y'.repeat(20_000) }, 16 * 1024)).toThrowError(
      expect.objectContaining({ id: 'FrameTooLarge' }),
    );
  });

  test.each([0, 1])('endless pieces of %i bytes are refused before they fill the memory', (bytes) => {
    const assembler = new MessageAssembler(16 * 1024);
    for (let piece = 0; piece < 16; piece++) assembler.accept(0, Buffer.alloc(bytes), false);
    expect(() => assembler.accept(0, Buffer.alloc(bytes), false)).toThrowError(
      expect.objectContaining({ id: 'FrameTooLarge' }),
    );
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['no object', '5'],
    ['no type', '{"id":1}'],
    ['an id that is no number', '{"type":"x","id":"1"}'],
  ])('%s is refused', (_name, text) => {
    const assembler = new MessageAssembler();
    expect(() => assembler.accept(0, Buffer.from(text), true)).toThrowError(
      expect.objectContaining({ id: 'InvalidMessage' }),
    );
  });
});
