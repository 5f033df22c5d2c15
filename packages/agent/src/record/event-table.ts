import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { RecordedEvent } from '@holdfast/protocol';
import { listEvents, type EventQuery } from './event-query.ts';
import type { JournalPart } from './journals.ts';

/** An event with its time, before it has its number. */
export type TimedEvent = Omit<RecordedEvent, 'number'>;

/** What the record may hold. */
export type RecordLimits = { keepDays: number; maxBytes: number };

/** How much came into the table. */
export type Collected = { rows: number; bytes: number };

/** Somebody was not let in. Strangers make such events, as many as they like. */
export const REFUSED = 'client.refused';
const MAX_REFUSALS = 10_000;
/** Rows that are removed in one go, so that nobody waits for long. */
const REMOVED_AT_ONCE = 2000;
/** What a row takes beside its texts, in the table and its indexes. */
const ROW_BYTES = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Columns of the first version, and what each later one added. */
const COLUMNS = ['time', 'type', 'user', 'key', 'address', 'session_id', 'instance_id', 'detail'] as const;
const NEW_COLUMNS = {
  actor: 'TEXT',
  client: 'TEXT',
  name: 'TEXT',
  command_id: 'TEXT',
  text: 'TEXT',
  status: 'INTEGER',
  signal: 'INTEGER',
  duration_ms: 'REAL',
  journal: 'TEXT',
  journal_number: 'INTEGER',
  bytes: `INTEGER NOT NULL DEFAULT ${ROW_BYTES}`,
} as const;
const ALL_COLUMNS: readonly string[] = [...COLUMNS, ...Object.keys(NEW_COLUMNS)];

const TABLE = `
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL, type TEXT NOT NULL, user TEXT, key TEXT, address TEXT,
    session_id INTEGER, instance_id TEXT, detail TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_type ON events (type, number);
  CREATE TABLE IF NOT EXISTS journals (
    user TEXT NOT NULL, journal TEXT NOT NULL, last INTEGER NOT NULL, time INTEGER NOT NULL,
    PRIMARY KEY (user, journal)
  ) STRICT;
`;
const INDEXES = `
  CREATE INDEX IF NOT EXISTS events_by_user ON events (user, number, bytes);
  CREATE INDEX IF NOT EXISTS events_by_session ON events (session_id, number);
  CREATE INDEX IF NOT EXISTS events_by_time ON events (time);
  CREATE UNIQUE INDEX IF NOT EXISTS events_by_source ON events (user, journal, journal_number)
    WHERE journal IS NOT NULL;
`;

/** A session host has one; whoever makes up more has those forgotten that were not read for longest. */
const MAX_JOURNALS = 2000;
const FORGET_JOURNALS = `
  DELETE FROM journals WHERE user = ? AND journal IN (
    SELECT journal FROM journals WHERE user = ? ORDER BY time DESC LIMIT -1 OFFSET ${MAX_JOURNALS})`;

/**
 * The events of an agent in a SQLite database, each once and for as long as it is kept. Every method throws what node:sqlite
 * throws.
 */
export class EventTable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #lastOf: StatementSync;
  readonly #setLast: StatementSync;
  readonly #forgetJournals: StatementSync;

  /** Makes the tables, or brings those of an older version up; writes nothing where all is there. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    transaction(database, 'BEGIN', () => makeTables(database));
    const places = ALL_COLUMNS.map(() => '?').join(', ');
    this.#insert = database.prepare(`INSERT INTO events (${ALL_COLUMNS.join(', ')}) VALUES (${places})
      ON CONFLICT DO NOTHING`);
    this.#lastOf = database.prepare('SELECT last FROM journals WHERE user = ? AND journal = ?');
    this.#setLast = database.prepare(`INSERT INTO journals (user, journal, last, time) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET last = excluded.last, time = excluded.time`);
    this.#forgetJournals = database.prepare(FORGET_JOURNALS);
  }

  /** Writes events: all of them or, when it throws, none. */
  insert(events: readonly TimedEvent[]): void {
    transaction(this.#database, 'BEGIN', () => {
      for (const event of events) this.#insert.run(...rowOf(event));
    });
  }

  /** How far the journals of a user have been collected: number of the last event of each. */
  collected(user: string): Record<string, number> {
    const rows = this.#database.prepare('SELECT journal, last FROM journals WHERE user = ?').all(user);
    return Object.fromEntries(rows.map(({ journal, last }) => [String(journal), Number(last)]));
  }

  /**
   * Writes what came of a user's journals, each event once, however often it comes; and of those that are missing, how many.
   * @returns what was written
   */
  collect(user: string, parts: readonly JournalPart[]): Collected {
    const collected = { rows: 0, bytes: 0 };
    transaction(this.#database, 'BEGIN IMMEDIATE', () => {
      for (const part of parts) this.#collectPart(user, part, collected);
      this.#forgetJournals.run(user, user);
    });
    return collected;
  }

  /** As listEvents(). */
  list(query: EventQuery): { events: RecordedEvent[]; more: boolean } {
    return listEvents(this.#database, query);
  }

  /**
   * Removes refusals above their number, what is too old, and what is too much: the oldest of whoever has most, so that
   * nobody's events drive out those of others. That there were some is an event itself.
   */
  rotate({ keepDays, maxBytes }: RecordLimits, now = Date.now()): void {
    this.#database.exec(`DELETE FROM events WHERE type = '${REFUSED}' AND number <=
      (SELECT number FROM events WHERE type = '${REFUSED}' ORDER BY number DESC LIMIT 1 OFFSET ${MAX_REFUSALS})`);
    const oldest = now - keepDays * DAY_MS;
    // A journal's files are gone by then, too.
    this.#database.prepare('DELETE FROM journals WHERE time < ?').run(oldest - keepDays * DAY_MS);
    const old = Number(this.#database.prepare('DELETE FROM events WHERE time < ?').run(oldest).changes);
    const removed = old + this.#removeExcess(maxBytes);
    const detail = `${removed} events were removed: they were older than ${keepDays} days, or more than ${maxBytes} bytes`;
    if (removed > 0) this.insert([{ time: now, type: 'record.rotated', detail }]);
  }

  #removeExcess(maxBytes: number): number {
    let removed = 0;
    for (;;) {
      const shares = this.#database.prepare('SELECT user, SUM(bytes) AS bytes FROM events GROUP BY user').all();
      const [largest] = shares.toSorted((a, b) => Number(b['bytes']) - Number(a['bytes']));
      const total = shares.reduce((sum, { bytes }) => sum + Number(bytes), 0);
      if (largest === undefined || total <= maxBytes) return removed;
      const { changes } = this.#database
        .prepare(
          `DELETE FROM events WHERE number IN
            (SELECT number FROM events WHERE user IS ? ORDER BY number LIMIT ${REMOVED_AT_ONCE})`,
        )
        .run(largest['user'] ?? null);
      removed += Number(changes);
      if (Number(changes) < REMOVED_AT_ONCE) return removed;
    }
  }

  #collectPart(user: string, { journal, events }: JournalPart, collected: Collected): void {
    const insert = (event: TimedEvent, source?: { journal: string; number: number }): void => {
      const row = rowOf(event, source);
      this.#insert.run(...row);
      collected.rows += 1;
      collected.bytes += Number(row.at(-1));
    };
    let last = Number(this.#lastOf.get(user, journal)?.['last'] ?? 0);
    for (const { number, ...event } of events) {
      if (number <= last) continue;
      if (number > last + 1) {
        const detail = `${number - last - 1} events of a session host are missing: its journal was full or damaged`;
        insert({ time: event.time, type: 'journal.gap', user, detail });
      }
      insert({ ...event, user }, { journal, number });
      last = number;
    }
    this.#setLast.run(user, journal, last, Date.now());
  }
}

function makeTables(database: DatabaseSync): void {
  database.exec(TABLE);
  const present = new Set(
    database
      .prepare('PRAGMA table_info(events)')
      .all()
      .map(({ name }) => name),
  );
  for (const [name, type] of Object.entries(NEW_COLUMNS)) {
    if (!present.has(name)) database.exec(`ALTER TABLE events ADD COLUMN ${name} ${type}`);
  }
  database.exec(INDEXES);
}

function transaction(database: DatabaseSync, begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => void): void {
  database.exec(begin);
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function rowOf(event: TimedEvent, source?: { journal: string; number: number }): SQLInputValue[] {
  const { time, type, user, key, address, sessionId, instanceId, detail } = event;
  const { actor, client, name, commandId, text, status, signal, durationMs } = event;
  const first = [time, type, user, key, address, wholeOf(sessionId), instanceId, detail];
  const later = [actor, client, name, commandId, text, wholeOf(status), wholeOf(signal), durationMs];
  const values = [...first, ...later, source?.journal, source?.number].map((value) => value ?? null);
  const texts = values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0));
  return [...values, texts.reduce((sum, length) => sum + length, ROW_BYTES)];
}

/** Some session host of some user has said it: it must not make the whole batch impossible to write. */
function wholeOf(value: number | undefined): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}
