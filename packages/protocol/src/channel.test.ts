import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChannelReceiver, WINDOW_BYTES } from './channel-receiver.ts';
import { ChannelSender } from './channel-sender.ts';
import { FrameKind, decodeFrame } from './frame.ts';
import { ReceiveCursor } from './receive-cursor.ts';
import { ReplayBuffer } from './replay-buffer.ts';

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a channel', () => {
  test('delivers every byte once over links that are cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.record({ lostFrames: fc.nat(3), lostAcks: fc.boolean() }), { maxLength: 12 }),
        (writes, cuts) => {
          const source = new ReplayBuffer();
          for (const bytes of writes) source.append(bytes);
          const out: Buffer[] = [];
          const acks: Buffer[] = [];
          const receiver = new ChannelReceiver(1, (frame) => acks.push(frame));
          const sender = new ChannelSender(1, source, 0, receiver.limit);
          const deliver = (bytes: Buffer): void => {
            const frame = decodeFrame(bytes);
            if (frame.kind !== FrameKind.data) throw new TypeError('No data frame');
            const fresh = receiver.accept(frame.offset, frame.payload);
            out.push(Buffer.from(fresh));
            receiver.consume(fresh.length);
          };
          const flushAcks = (): void => {
            for (const bytes of acks.splice(0)) {
              const ack = decodeFrame(bytes);
              if (ack.kind !== FrameKind.ack) throw new TypeError('No ack');
              sender.onAck(ack.received, ack.limit);
              source.acknowledge(ack.received);
            }
          };
          for (const cut of cuts) {
            const sent: Buffer[] = [];
            for (let frame = sender.nextFrame(); frame !== undefined; frame = sender.nextFrame()) sent.push(frame);
            // The tail of what was sent never arrives, and perhaps no acknowledgement comes back.
            for (const frame of sent.slice(0, Math.max(0, sent.length - cut.lostFrames))) deliver(frame);
            if (cut.lostAcks) acks.length = 0;
            else flushAcks();
            receiver.restart();
            sender.restart(receiver.received, receiver.limit);
          }
          for (let frame = sender.nextFrame(); frame !== undefined; frame = sender.nextFrame()) {
            deliver(frame);
            flushAcks();
          }
          receiver.acknowledgeNow();
          flushAcks();
          receiver.dispose();
          expect(sha(Buffer.concat(out))).toBe(sha(Buffer.concat(writes)));
          expect(source.length).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('begins with small frames on each link, so that one that soon breaks brings it on', () => {
    const source = new ReplayBuffer();
    source.append(Buffer.alloc(200 * 1024));
    const sender = new ChannelSender(1, source, 0, 200 * 1024);
    const sizes = (count: number): number[] =>
      Array.from({ length: count }, () => {
        const from = sender.sent;
        sender.nextFrame();
        return (sender.sent - from) / 1024;
      });
    expect(sizes(7)).toEqual([2, 4, 8, 16, 32, 32, 32]);
    sender.restart(2048, 200 * 1024);
    expect(sizes(3)).toEqual([2, 4, 8]);
  });

  test('never sends beyond its credit', () => {
    const source = new ReplayBuffer();
    source.append(Buffer.alloc(100_000));
    const sender = new ChannelSender(1, source, 0, 40_000);
    let sent = 0;
    for (let frame = sender.nextFrame(); frame !== undefined; frame = sender.nextFrame()) sent += frame.length - 13;
    expect(sent).toBe(40_000);
    sender.onAck(0, 50_000);
    expect(sender.credit).toBe(10_000);
  });

  test('refuses an acknowledgement of bytes that were never sent', () => {
    const sender = new ChannelSender(1, new ReplayBuffer(), 0, 100);
    expect(() => sender.onAck(1, 200)).toThrowError(expect.objectContaining({ id: 'ProtocolViolation' }));
  });

  test('grants credit for what was consumed, not for what arrived', () => {
    const acks: Buffer[] = [];
    const receiver = new ChannelReceiver(1, (frame) => acks.push(frame));
    const before = receiver.limit;
    receiver.accept(0, Buffer.alloc(30_000));
    expect(receiver.limit).toBe(before);
    receiver.consume(30_000);
    expect(receiver.limit).toBeGreaterThan(before);
    expect(acks).toHaveLength(1);
    receiver.dispose();
  });

  test('refuses what a sender without regard for credit would fill the memory with', () => {
    const receiver = new ChannelReceiver(1, () => undefined);
    const piece = Buffer.alloc(32 * 1024);
    let offset = 0;
    for (; offset < WINDOW_BYTES.max; offset += piece.length) receiver.accept(offset, piece);
    expect(() => receiver.accept(offset, piece)).toThrowError(expect.objectContaining({ id: 'ProtocolViolation' }));
    receiver.consume(piece.length);
    expect(receiver.accept(offset, piece)).toHaveLength(piece.length);
    receiver.dispose();
  });

  test('goes on behind a gap, however wide', () => {
    const receiver = new ChannelReceiver(1, () => undefined);
    receiver.skip(100_000_000);
    expect(receiver.accept(100_000_000, Buffer.from('x'))).toHaveLength(1);
    receiver.dispose();
  });

  test('acknowledges a single byte after a moment', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    const receiver = new ChannelReceiver(9, resolve);
    receiver.accept(0, Buffer.from('x'));
    receiver.consume(1);
    expect(decodeFrame(await promise)).toMatchObject({ kind: FrameKind.ack, channel: 9, received: 1 });
  });
});

describe('ReceiveCursor', () => {
  test('drops what it already has', () => {
    const cursor = new ReceiveCursor();
    expect(cursor.accept(0, Buffer.from('abc')).toString()).toBe('abc');
    expect(cursor.accept(1, Buffer.from('bcde')).toString()).toBe('de');
    expect(cursor.accept(0, Buffer.from('ab')).toString()).toBe('');
    expect(cursor.next).toBe(5);
  });

  test('refuses a gap', () => {
    expect(() => new ReceiveCursor(4).accept(5, Buffer.from('x'))).toThrowError(/Bytes 4 to 5 are missing/);
  });
});

describe('ReplayBuffer', () => {
  test('reads across chunks and forgets what was acknowledged', () => {
    const buffer = new ReplayBuffer();
    buffer.append(Buffer.from('hello '));
    buffer.append(Buffer.from('world'));
    expect(Buffer.from(buffer.readFrom(3, 100) ?? []).toString()).toBe('lo ');
    buffer.acknowledge(6);
    expect(buffer.readFrom(3, 100)).toBeUndefined();
    expect(Buffer.from(buffer.readFrom(6, 100) ?? []).toString()).toBe('world');
    expect(buffer.length).toBe(5);
  });
});
