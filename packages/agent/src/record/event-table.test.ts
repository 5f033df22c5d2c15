import { DatabaseSync } from 'node:sqlite';
import type { JournalEvent } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventTable } from './event-table.ts';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const DAY_MS = 24 * 60 * 60 * 1000;

let database: DatabaseSync;
let table: EventTable;

beforeEach(() => {
  database = new DatabaseSync(':memory:');
  table = new EventTable(database);
});
afterEach(() => database.close());

function event(number: number, about: Partial<JournalEvent> = {}): JournalEvent {
  return { number, time: 1000 + number, type: 'command.started', text: `command ${number}`, ...about };
}

function all() {
  return table.list({ limit: 10_000 }).events;
}

describe('EventTable', () => {
  test('takes each event of a journal once, in its order, however often and in whatever pieces it comes', () => {
    table.collect('ada', [{ journal: A, events: [event(1), event(2)] }]);
    table.collect('ada', [{ journal: A, events: [event(1), event(2), event(3)] }]);
    table.collect('ada', [{ journal: B, events: [event(1)] }]);
    table.collect('ada', [{ journal: A, events: [event(2)] }]);
    expect(all().map(({ text, user }) => [text, user])).toEqual([
      ['command 1', 'ada'],
      ['command 2', 'ada'],
      ['command 3', 'ada'],
      ['command 1', 'ada'],
    ]);
    expect(table.collected('ada')).toEqual({ [A]: 3, [B]: 1 });
  });

  test("nobody's journal keeps another user's events out, though it has the same name", () => {
    table.collect('eve', [{ journal: A, events: [event(1), event(9)] }]);
    table.collect('ada', [{ journal: A, events: [event(1), event(2)] }]);
    expect(table.list({ user: 'ada', limit: 10 }).events.map(({ text }) => text)).toEqual(['command 1', 'command 2']);
  });

  test('what is missing in a journal is said', () => {
    table.collect('ada', [{ journal: A, events: [event(3), event(7)] }]);
    expect(all()).toMatchObject([
      { type: 'journal.gap', user: 'ada', detail: expect.stringMatching(/^2 events/) },
      { text: 'command 3' },
      { type: 'journal.gap', detail: expect.stringMatching(/^3 events/) },
      { text: 'command 7' },
    ]);
  });

  test('keeps every field', () => {
    const whole = {
      actor: 'root',
      key: 'SHA256:x',
      address: '192.0.2.1',
      client: 'laptop:1',
      sessionId: 7,
      instanceId: B,
      name: 'build',
      commandId: A,
      status: -1,
      signal: 9,
      durationMs: 1.5,
      detail: 'why',
    };
    table.collect('ada', [{ journal: A, events: [event(1, whole)] }]);
    expect(all()).toEqual([{ ...event(1, whole), number: 1, user: 'ada' }]);
  });

  test('gives what fits all filters: the newest, or pages from a number on', () => {
    const events = Array.from({ length: 20 }, (_, index) =>
      event(index + 1, { sessionId: index % 2, type: index < 10 ? 'command.started' : 'session.opened' }),
    );
    table.collect('ada', [{ journal: A, events }]);
    table.collect('bob', [{ journal: B, events: [event(1, { type: 'session.exited' })] }]);
    const numbers = (query: Parameters<EventTable['list']>[0]) => table.list(query).events.map(({ number }) => number);
    expect(numbers({ limit: 3 })).toEqual([19, 20, 21]);
    expect(numbers({ user: 'ada', limit: 3 })).toEqual([18, 19, 20]);
    expect(numbers({ user: 'ada', sessionId: 1, limit: 3 })).toEqual([16, 18, 20]);
    expect(numbers({ since: 1005, before: 1008, limit: 10 })).toEqual([5, 6, 7]);
    expect(numbers({ types: ['session'], limit: 100 })).toHaveLength(11);
    expect(numbers({ types: ['session.exited'], limit: 100 })).toEqual([21]);
    expect(numbers({ types: ['session.exited', 'command.started'], limit: 100 })).toHaveLength(11);
    expect(numbers({ types: ['sess'], limit: 100 })).toEqual([]);
    const pages: number[] = [];
    for (let after = 0, more = true; more; after = pages.at(-1) ?? 0) {
      const page = table.list({ after, limit: 4, types: ['session'] });
      pages.push(...page.events.map(({ number }) => number));
      more = page.more;
    }
    expect(pages).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  });

  test('what is too old goes, and that it went is said', () => {
    const now = 100 * DAY_MS;
    table.collect('ada', [{ journal: A, events: [event(1), event(2, { time: now - DAY_MS })] }]);
    table.rotate({ keepDays: 90, maxBytes: 2 ** 20 }, now);
    expect(all()).toMatchObject([
      { text: 'command 2' },
      {
        type: 'record.rotated',
        detail: '1 events were removed: they were older than 90 days, or more than 1048576 bytes',
      },
    ]);
    table.rotate({ keepDays: 90, maxBytes: 2 ** 20 }, now);
    expect(all()).toHaveLength(2);
  });

  test('what is too much goes from whoever has most: nobody drives out the events of others', () => {
    const now = Date.now();
    const many = Array.from({ length: 9000 }, (_, index) => event(index + 1, { time: now, text: 'x'.repeat(800) }));
    table.collect('ada', [{ journal: A, events: [event(1, { time: now }), event(2, { time: now })] }]);
    table.collect('eve', [{ journal: B, events: many }]);
    table.rotate({ keepDays: 90, maxBytes: 2 ** 20 });
    expect(table.list({ user: 'ada', limit: 10 }).events).toHaveLength(2);
    const kept = table.list({ user: 'eve', limit: 10_000 }).events;
    expect(kept.length).toBeLessThan(1100);
    expect(table.collected('eve')).toEqual({ [B]: 9000 });
    table.collect('eve', [{ journal: B, events: many }]);
    expect(table.list({ user: 'eve', limit: 10_000 }).events).toHaveLength(kept.length);
  });

  test('all texts of a row count, so that nobody fills the disk by those that are mostly short', () => {
    const long = 'é'.repeat(250);
    const about = { actor: long, key: long, address: long, client: long, name: long, time: Date.now(), text: '' };
    const maxBytes = 2 ** 20;
    for (let batch = 0; batch < 10; batch += 1) {
      const events = Array.from({ length: 500 }, (_, index) => event(batch * 500 + index + 1, about));
      table.collect('eve', [{ journal: A, events }]);
      table.rotate({ keepDays: 90, maxBytes });
    }
    const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
    const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
    // A batch comes before it is looked whether it is too much.
    expect(pages * pageBytes).toBeLessThan(4 * maxBytes);
  });

  test('of journals that somebody makes up the newest count', () => {
    const made = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
    table.collect('ada', [{ journal: A, events: [event(1)] }]);
    for (let batch = 0; batch < 4; batch += 1) {
      const parts = Array.from({ length: 1000 }, (_, at) => ({
        journal: made(batch * 1000 + at),
        events: [event(1)],
      }));
      expect(table.collect('eve', parts)).toMatchObject({ rows: 1000 });
    }
    expect(Object.keys(table.collected('eve'))).toHaveLength(2000);
    expect(table.collected('ada')).toEqual({ [A]: 1 });
  });

  test('a database of the first version keeps its events', () => {
    const old = new DatabaseSync(':memory:');
    old.exec(`
      CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL, type TEXT NOT NULL, user TEXT, key TEXT, address TEXT,
        session_id INTEGER, instance_id TEXT, detail TEXT
      ) STRICT;
      CREATE INDEX events_by_type ON events (type, number);
      INSERT INTO events (time, type, user, key, session_id, detail) VALUES (5, 'session.opened', 'ada', 'SHA256:x', 3, 'd');
      PRAGMA user_version = 1;`);
    const migrated = new EventTable(old);
    migrated.collect('ada', [{ journal: A, events: [event(1)] }]);
    const events = migrated.list({ user: 'ada', limit: 10 }).events;
    expect(events).toMatchObject([
      { number: 1, time: 5, type: 'session.opened', key: 'SHA256:x', sessionId: 3, detail: 'd' },
      { number: 2, text: 'command 1' },
    ]);
    // And a program of that version goes on with what this one made of it.
    old.exec("INSERT INTO events (time, type, user) VALUES (6, 'session.opened', 'ada')");
    expect(new EventTable(old).list({ limit: 10 }).events).toHaveLength(3);
    old.close();
  });
});
