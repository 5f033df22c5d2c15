import { expect, test } from 'vitest';
import { SessionEvents } from './session-events.ts';

test('events are numbered from 1, and told from any number on', () => {
  const events = new SessionEvents();
  for (let count = 0; count < 3; count++) events.add({ type: 'session.resized', at: 0, columns: 80, rows: count + 1 });
  expect(events.last).toBe(3);
  expect(events.tell(1, 'a').map(({ seq }) => seq)).toEqual([2, 3]);
  expect(events.tell(3, 'a')).toEqual([]);
  expect(events.tell(99, 'a')).toEqual([]);
});

test('the last thousands are kept', () => {
  const events = new SessionEvents();
  for (let count = 0; count < 20_000; count++) events.add({ type: 'session.resized', at: 0, columns: 80, rows: 24 });
  const kept = events.tell(0, 'a');
  expect(kept.length).toBeGreaterThanOrEqual(4096);
  expect(kept.length).toBeLessThan(8192);
  expect(kept.at(-1)?.seq).toBe(20_000);
  expect(events.tell(19_998, 'a').map(({ seq }) => seq)).toEqual([19_999, 20_000]);
});

test('a gap grows while nobody was told of it', () => {
  const events = new SessionEvents();
  expect(events.widenGap(0, 10)).toBe(false);
  events.add({ type: 'output.dropped', at: 0, to: 10 });
  expect(events.widenGap(11, 20)).toBe(false);
  expect(events.widenGap(10, 20)).toBe(true);
  expect(events.tell(0, 'a')).toEqual([{ type: 'output.dropped', seq: 1, at: 0, to: 20 }]);
  expect(events.widenGap(20, 30)).toBe(false);
});

test('an event for one attachment is told to no other', () => {
  const events = new SessionEvents();
  events.add({ type: 'session.detached', at: 0, reason: 'Stopped' }, 'a');
  events.add({ type: 'session.resized', at: 0, columns: 80, rows: 24 });
  expect(events.tell(0, 'a').map(({ seq }) => seq)).toEqual([1, 2]);
  expect(events.tell(0, 'b').map(({ seq }) => seq)).toEqual([2]);
});
