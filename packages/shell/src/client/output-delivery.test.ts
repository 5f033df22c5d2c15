import { FrameKind, decodeFrame, type SessionEvent } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { OutputDelivery } from './output-delivery.ts';
import type { SessionView } from './session-view.ts';

const OWN = '00000000-0000-4000-8000-000000000001';

/** A view that logs what it is handed, and takes output at once or when told. */
function makeDelivery(options: { handedOutBytes?: number; manual?: boolean; skipEcho?: boolean } = {}) {
  const log: string[] = [];
  const events: string[] = [];
  const acks: number[] = [];
  const pending: (() => void)[] = [];
  const view: SessionView = {
    columns: 80,
    rows: 24,
    onOutput: (bytes, done) => {
      log.push(bytes.toString());
      if (options.manual === true) pending.push(done);
      else done();
    },
    onSnapshot: (bytes) => void log.push(`snapshot(${bytes.toString()})`),
    onEvent: (event) => log.push(`<${event.type}@${event.at}>`),
    onSkipped: (bytes) => log.push(`skipped(${bytes})`),
    skipEcho: options.skipEcho ?? true,
  };
  const delivery = new OutputDelivery({
    channel: 1,
    sendAck: (frame) => {
      const ack = decodeFrame(frame);
      if (ack.kind === FrameKind.ack) acks.push(ack.received);
    },
    handedOutBytes: options.handedOutBytes ?? 1000,
    eventsTo: 0,
    onEvent: (event) => events.push(event.type),
    isOwnCommand: (commandId) => commandId === OWN,
  });
  const data = (offset: number, text: string): void =>
    delivery.accept({ kind: FrameKind.data, channel: 1, offset, payload: Buffer.from(text) });
  const snapshot = (offset: number, text: string): void =>
    delivery.accept({ kind: FrameKind.snapshot, channel: 1, offset, payload: Buffer.from(text) });
  return { delivery, view, log, events, acks, pending, data, snapshot };
}

function ready(seq: number, at: number): SessionEvent {
  return { type: 'command.ready', seq, at, typeahead: '' };
}

function started(seq: number, at: number, echoTo: number, commandId = OWN): SessionEvent {
  return { type: 'command.started', seq, at, echoTo, commandId, text: 'x' };
}

describe('OutputDelivery', () => {
  test('hands an event over exactly between the bytes before and behind it', () => {
    const { delivery, view, log, data } = makeDelivery();
    void delivery.show(view, { from: 0, snapshot: false });
    delivery.acceptEvent(ready(1, 3));
    data(0, 'abcdef');
    expect(log).toEqual(['abc', '<command.ready@3>', 'def']);
  });

  test('keeps what comes before the answer that says where it begins', () => {
    const { delivery, view, log, data } = makeDelivery();
    delivery.hold();
    data(10, 'cd');
    delivery.acceptEvent(ready(1, 12));
    void delivery.show(view, { from: 10, snapshot: false });
    expect(log).toEqual(['cd', '<command.ready@12>']);
  });

  test('does not lose an event when the request is sent again', () => {
    const { delivery, view, log } = makeDelivery();
    delivery.hold();
    delivery.acceptEvent(ready(1, 5));
    delivery.hold();
    void delivery.show(view, { from: 10, snapshot: false });
    expect(log).toEqual(['<command.ready@5>']);
  });

  test('drops bytes and events that come twice', () => {
    const { delivery, view, log, data } = makeDelivery();
    void delivery.show(view, { from: 0, snapshot: false });
    data(0, 'abc');
    delivery.acceptEvent(ready(1, 3));
    delivery.acceptEvent(ready(1, 3));
    data(1, 'bcd');
    expect(log).toEqual(['abc', '<command.ready@3>', 'd']);
  });

  test('leaves out the echo of own commands, and of no others', () => {
    const { delivery, view, log, acks, data } = makeDelivery();
    void delivery.show(view, { from: 0, snapshot: false });
    delivery.acceptEvent(started(1, 2, 5));
    data(0, 'ab$ ls\n');
    delivery.acceptEvent(started(2, 7, 9, '00000000-0000-4000-8000-000000000002'));
    data(7, '$ w');
    delivery.resumePoint();
    expect(log).toEqual(['ab', '<command.started@2>', 's\n', '<command.started@7>', '$ w']);
    expect(delivery.consumed).toBe(10);
    expect(acks).toEqual([]);
  });

  test('waits for the view, and after an interrupt skips what waits and what comes', () => {
    const { delivery, view, log, pending, data } = makeDelivery({ handedOutBytes: 2, manual: true });
    void delivery.show(view, { from: 0, snapshot: false });
    data(0, 'ab');
    data(2, 'cd');
    expect(log).toEqual(['ab']);
    delivery.skipBelow(6);
    data(4, 'efgh');
    expect(log).toEqual(['ab', 'skipped(4)']);
    pending.shift()?.();
    expect(log).toEqual(['ab', 'skipped(4)', 'gh']);
  });

  test('gathers a snapshot and goes on behind it', () => {
    const { delivery, view, log, data, snapshot } = makeDelivery();
    void delivery.show(view, { from: 100, snapshot: true });
    expect(delivery.resumePoint().receivedTo).toBeLessThan(100);
    snapshot(100, 'scr');
    data(100, 'more');
    expect(log).toEqual([]);
    snapshot(100, 'een');
    snapshot(100, '');
    expect(log).toEqual(['snapshot(screen)']);
    data(100, 'more');
    expect(log).toEqual(['snapshot(screen)', 'more']);
    expect(delivery.resumePoint().receivedTo).toBe(104);
  });

  test('begins a snapshot again on a new link', () => {
    const { delivery, view, log, snapshot } = makeDelivery();
    void delivery.show(view, { from: 100, snapshot: true });
    snapshot(100, 'old');
    delivery.resumePoint();
    delivery.resumed();
    snapshot(120, 'new');
    snapshot(120, '');
    expect(log).toEqual(['snapshot(new)']);
  });

  test('goes on behind bytes that the host discarded', () => {
    const { delivery, view, log, data } = makeDelivery();
    void delivery.show(view, { from: 0, snapshot: false });
    data(0, 'ab');
    delivery.acceptEvent({ type: 'output.dropped', seq: 1, at: 2, to: 1000 });
    data(1000, 'cd');
    expect(log).toEqual(['ab', '<output.dropped@2>', 'cd']);
    expect(delivery.consumed).toBe(1002);
  });

  test('tells events at once while nobody looks, and wants no bytes', () => {
    const { delivery, view, log, events, data } = makeDelivery();
    void delivery.show(view, { from: 0, snapshot: false });
    delivery.hide();
    data(0, 'ab');
    delivery.acceptEvent(ready(1, 500));
    expect(events).toEqual(['command.ready']);
    expect(log).toEqual([]);
    const { receivedTo, limit } = delivery.resumePoint();
    expect(limit).toBe(receivedTo);
  });

  test('tells of a take-over behind the output that is here', () => {
    const { delivery, view, log, data } = makeDelivery();
    void delivery.show(view, { from: 0, snapshot: false });
    data(0, 'ab');
    delivery.acceptEvent({ type: 'session.taken', seq: 1, at: 999, client: 'c', address: 'a' });
    expect(log).toEqual(['ab', '<session.taken@2>']);
  });
});
