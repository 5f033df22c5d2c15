import { FrameKind, WINDOW_BYTES, decodeFrame } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { InputQueue } from './input-queue.ts';

/** What the queue puts on a link now: bytes with their offset, and requests in their places. */
function drain(queue: InputQueue, log: string[]): string[] {
  for (let frame = queue.nextFrame(); frame !== undefined; frame = queue.nextFrame()) {
    const decoded = decodeFrame(frame);
    if (decoded.kind === FrameKind.data) log.push(`${decoded.offset}:${decoded.payload.toString()}`);
  }
  return log.splice(0);
}

function makeQueue(from = 0) {
  const log: string[] = [];
  const queue = new InputQueue(1, from);
  return { queue, log, request: (name: string) => queue.enqueue(() => log.push(name)) };
}

describe('InputQueue', () => {
  test('keeps the order of bytes and requests', () => {
    const { queue, log, request } = makeQueue();
    queue.append(Buffer.from('ab'));
    request('run');
    queue.append(Buffer.from('cd'));
    expect(drain(queue, log)).toEqual(['0:ab', 'run', '2:cd']);
  });

  test('sends again on a new link what the host lacks, requests that have no answer in their places', () => {
    const { queue, log, request } = makeQueue();
    queue.append(Buffer.from('ab'));
    const first = request('first');
    queue.append(Buffer.from('cd'));
    request('second');
    drain(queue, log);
    queue.settle(first);
    queue.resume(1);
    expect(drain(queue, log)).toEqual(['1:b', '2:cd', 'second']);
    expect(queue.unacknowledged).toBe(3);
  });

  test('holds a request and what is behind it until it is released', () => {
    const { queue, log } = makeQueue();
    queue.append(Buffer.from('ab'));
    queue.enqueue(() => log.push('first'), true);
    queue.append(Buffer.from('cd'));
    queue.enqueue(() => log.push('second'), true);
    expect(drain(queue, log)).toEqual(['0:ab']);
    queue.release();
    expect(drain(queue, log)).toEqual(['first', '2:cd']);
    queue.release();
    expect(drain(queue, log)).toEqual(['second']);
  });

  test('waits for credit, and an interrupt forgets what waits', () => {
    const { queue, log } = makeQueue();
    queue.append(Buffer.alloc(WINDOW_BYTES.initial + 10));
    drain(queue, log);
    expect(queue.inFlight).toBe(WINDOW_BYTES.initial);
    expect(queue.dropUnsent()).toBe(10);
    queue.onAck(WINDOW_BYTES.initial, 2 * WINDOW_BYTES.initial);
    queue.append(Buffer.from('x'));
    expect(drain(queue, log)).toEqual([`${WINDOW_BYTES.initial}:x`]);
  });

  test('an interrupt goes before what is held, but not before a request that may go', () => {
    const { queue, log, request } = makeQueue();
    queue.append(Buffer.from('never sent'));
    request('run');
    queue.enqueue(() => log.push('held'), true);
    queue.enqueueUrgent(() => log.push('interrupt'));
    queue.append(Buffer.from('x'));
    expect(drain(queue, log)).toEqual(['run', 'interrupt']);
    queue.resume(0);
    expect(drain(queue, log)).toEqual(['run', 'interrupt']);
    queue.release();
    expect(drain(queue, log)).toEqual(['held', '0:x']);
  });

  test('an interrupt goes again after what came before it, as far as there is credit for that', () => {
    const { queue, log } = makeQueue();
    const size = WINDOW_BYTES.initial;
    queue.onAck(0, 3 * size);
    queue.append(Buffer.alloc(3 * size));
    drain(queue, log);
    queue.enqueueUrgent(() => log.push('interrupt'));
    expect(drain(queue, log)).toEqual(['interrupt']);
    queue.resume(size);
    const [first, ...rest] = drain(queue, log);
    expect(first).toMatch(new RegExp(`^${size}:`));
    expect(rest.at(-1)).toBe('interrupt');
    expect(queue.inFlight).toBe(size);
    queue.onAck(2 * size, 3 * size);
    expect(drain(queue, log).join()).toMatch(new RegExp(`^${2 * size}:`));
    expect(queue.inFlight).toBe(size);
  });

  test('shows what is not confirmed', () => {
    const { queue, log } = makeQueue(5);
    queue.append(Buffer.from('ab'));
    queue.append(Buffer.from('cd'));
    drain(queue, log);
    queue.onAck(6, 1000);
    expect(Buffer.from(queue.copyUnacknowledged()).toString()).toBe('bcd');
  });

  test('refuses an acknowledgement of what was not sent', () => {
    const { queue } = makeQueue();
    expect(() => queue.onAck(1, 10)).toThrow('only 0 were sent');
  });

  test('tells a source of much input when there is room', async () => {
    const { queue, log } = makeQueue();
    queue.append(Buffer.alloc(10));
    drain(queue, log);
    let room = false;
    const waiting = queue.room(5).then(() => (room = true));
    queue.onAck(5, 100);
    await Promise.resolve();
    expect(room).toBe(false);
    queue.onAck(6, 100);
    await waiting;
    await queue.room(5);
    queue.append(Buffer.alloc(WINDOW_BYTES.initial));
    drain(queue, log);
    const interrupted = queue.room(queue.unacknowledged);
    queue.dropUnsent();
    await interrupted;
  });
});
