import { afterEach, describe, expect, test } from 'vitest';
import { MAX_FRAME, MAX_PAYLOAD, FrameKind, decodeFrame, encodeData } from '../frame.ts';
import { FrameScheduler } from '../frame-scheduler.ts';
import type { CloseReason, Transport } from '../transport.ts';

/** Two ends of one real connection, and what must be closed after the test. */
export type TransportPair = { near: Transport; far: Transport; dispose: () => Promise<void> };

/** The behaviour every Transport promises; each kind runs the same suite over its own real connection. */
export function transportSuite(name: string, makePair: () => Promise<TransportPair>): void {
  describe(`${name} transport`, () => {
    const pairs: TransportPair[] = [];
    const open = async (): Promise<TransportPair> => {
      const pair = await makePair();
      pairs.push(pair);
      return pair;
    };
    afterEach(async () => {
      for (const pair of pairs.splice(0)) await pair.dispose();
    });

    test('keeps frames whole and in order, in both directions', async () => {
      const { near, far } = await open();
      const frames = Array.from({ length: 300 }, (_, i) =>
        encodeData(FrameKind.data, i, i * 7, Buffer.alloc((i * 131) % MAX_PAYLOAD, i)),
      );
      const there = collect(far, frames.length);
      const back = collect(near, frames.length);
      for (const frame of frames) {
        near.send(frame);
        far.send(frame);
      }
      for (const received of [await there, await back]) {
        expect(received.every((frame, i) => frame.equals(frames[i] ?? Buffer.alloc(0)))).toBe(true);
      }
    });

    test('carries the largest frame', async () => {
      const { near, far } = await open();
      const received = collect(far, 1);
      near.send(encodeData(FrameKind.data, 1, 2 ** 53 - 1, Buffer.alloc(MAX_PAYLOAD, 9)));
      expect(decodeFrame((await received)[0] ?? Buffer.alloc(0))).toMatchObject({ offset: 2 ** 53 - 1 });
    });

    test('asks a sender to wait while the receiver is paused, and tells it to go on', async () => {
      const { near, far } = await open();
      far.pause();
      const frame = encodeData(FrameKind.data, 1, 0, Buffer.alloc(MAX_PAYLOAD));
      let sent = 1;
      while (near.send(frame)) sent += 1;
      expect(near.bufferedBytes).toBeGreaterThan(0);
      const drained = new Promise<void>((resolve) => (near.onDrain = resolve));
      const received = collect(far, sent);
      far.resume();
      await drained;
      expect(await received).toHaveLength(sent);
    });

    test('a flood on one channel does not hold another back', async () => {
      const { near, far } = await open();
      const scheduler = new FrameScheduler(near);
      near.onDrain = scheduler.onDrain;
      let flood = 2000;
      scheduler.wake({
        nextFrame: () => (flood-- > 0 ? encodeData(FrameKind.data, 1, 0, Buffer.alloc(MAX_PAYLOAD)) : undefined),
      });
      let echo = 1;
      scheduler.wake({
        nextFrame: () => (echo-- > 0 ? encodeData(FrameKind.data, 2, 0, Buffer.from('e')) : undefined),
      });
      let before = 0;
      const ahead = await new Promise<number>((resolve) => {
        far.onFrame = (bytes) => {
          if (decodeFrame(bytes).channel === 2) resolve(before);
          else before += 1;
        };
      });
      expect(ahead).toBeLessThan(200);
    });

    test('tells the other side why it closes, once', async () => {
      const { near, far } = await open();
      const closings: CloseReason[] = [];
      const closed = new Promise<void>((resolve) => {
        far.onClose = (reason) => {
          closings.push(reason);
          resolve();
        };
      });
      near.close(4409, 'taken');
      await closed;
      far.terminate();
      expect(closings).toHaveLength(1);
    });

    test.each([0, 1, 2])('closes with a long reason of wide characters (%i)', async (shift) => {
      const { near, far } = await open();
      const closed = new Promise<void>((resolve) => (far.onClose = () => resolve()));
      near.close(4400, 'x'.repeat(shift) + '€'.repeat(100));
      await closed;
    });

    test('sends after the end are ignored', async () => {
      const { near, far } = await open();
      const closed = new Promise<void>((resolve) => (near.onClose = () => resolve()));
      far.terminate();
      await closed;
      expect(near.send(Buffer.alloc(MAX_FRAME))).toBe(true);
    });
  });
}

function collect(transport: Transport, count: number): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  return new Promise((resolve) => {
    transport.onFrame = (frame) => {
      frames.push(Buffer.from(frame));
      if (frames.length === count) resolve(frames);
    };
  });
}
