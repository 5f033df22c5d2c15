import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { REFUSED, type RecordedEvent, type TimedEvent } from './waiting-events.ts';

const MAX_REFUSALS = 10_000;

/** How long the same openId gives the same id. */
const OPEN_ID_MS = 7 * 24 * 60 * 60 * 1000;

const SCHEMA_VERSION = 1;
/** Writes nothing where everything is there: a gateway must come up on a full disk too. */
const SCHEMA = `
  PRAGMA busy_timeout = 2000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL, open_id TEXT NOT NULL, address TEXT NOT NULL, time INTEGER NOT NULL,
    UNIQUE (user, open_id)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL, type TEXT NOT NULL, user TEXT, key TEXT, address TEXT,
    session_id INTEGER, instance_id TEXT, detail TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_by_type ON events (type, number);
`;

/** Who opens a session, and the name that the client gave to this opening. */
export type Opening = { user: string; openId: string; address: string };

/** The registry's SQLite file `registry.db`. Every method throws what node:sqlite throws. */
export class RegistryFile {
  readonly #database: DatabaseSync;
  readonly #oldId: StatementSync;
  readonly #newId: StatementSync;
  readonly #newEvent: StatementSync;
  #sinceForgetting = 0;

  /** @throws Error of node:sqlite or node:fs when the file cannot be opened */
  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const file = path.join(stateDir, 'registry.db');
    // SQLite gives its other files the rights of this one.
    closeSync(openSync(file, 'a', 0o600));
    this.#database = new DatabaseSync(file);
    try {
      this.#prepareTables();
      this.#oldId = this.#database.prepare('SELECT id FROM sessions WHERE user = ? AND open_id = ?');
      this.#newId = this.#database.prepare(`
        INSERT INTO sessions (user, open_id, address, time) VALUES (?, ?, ?, ?)
        ON CONFLICT (user, open_id) DO NOTHING`);
      this.#newEvent = this.#database.prepare(`
        INSERT INTO events (time, type, user, key, address, session_id, instance_id, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** The id that was given for this opening before. */
  oldId({ user, openId }: Omit<Opening, 'address'>): number | undefined {
    return idOf(this.#oldId.get(user, openId));
  }

  /** The next id, which is on the disk when this returns. */
  newId({ user, openId, address }: Opening): number | undefined {
    this.#database.exec('PRAGMA synchronous = FULL');
    try {
      // Not RETURNING: its row comes before the commit, whose failure node:sqlite would not tell.
      this.#newId.run(user, openId, address, Date.now());
    } finally {
      this.#database.exec('PRAGMA synchronous = NORMAL');
    }
    return this.oldId({ user, openId });
  }

  /** Writes events: all of them or, when it throws, none. */
  insert(events: readonly TimedEvent[]): void {
    try {
      this.#database.exec('BEGIN');
      for (const event of events) this.#newEvent.run(...rowOf(event));
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
    this.#sinceForgetting += events.length;
    if (this.#sinceForgetting > MAX_REFUSALS / 10) this.forgetOld();
  }

  /** Writes, and changes nothing. @throws Error of node:sqlite when that cannot be done */
  touch(): void {
    this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }

  /** The newest events, latest first. */
  newest(limit: number): RecordedEvent[] {
    const rows = this.#database.prepare('SELECT * FROM events ORDER BY number DESC LIMIT ?').all(limit);
    return rows.map((row) => ({
      number: Number(row['number']),
      time: Number(row['time']),
      type: String(row['type']),
      user: textOf(row['user']),
      key: textOf(row['key']),
      address: textOf(row['address']),
      sessionId: typeof row['session_id'] === 'number' ? row['session_id'] : undefined,
      instanceId: textOf(row['instance_id']),
      detail: textOf(row['detail']),
    }));
  }

  /** Strangers make refusals, as many as they like: only the newest are kept. An old openId is not asked for again. */
  forgetOld(): void {
    this.#sinceForgetting = 0;
    this.#database.exec(`
      DELETE FROM events WHERE type = '${REFUSED}' AND number <=
        (SELECT number FROM events WHERE type = '${REFUSED}' ORDER BY number DESC LIMIT 1 OFFSET ${MAX_REFUSALS});
      DELETE FROM sessions WHERE time < ${Date.now() - OPEN_ID_MS};`);
  }

  close(): void {
    this.#database.close();
  }

  #prepareTables(): void {
    this.#database.exec(SCHEMA);
    const version = this.#database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== SCHEMA_VERSION) this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }
}

function rowOf(event: TimedEvent): (string | number | null)[] {
  const { time, type, user, key, address, sessionId, instanceId, detail } = event;
  return [
    time,
    type,
    user ?? null,
    key ?? null,
    address ?? null,
    // Some session host of some user has said it: it must not make the whole batch impossible to write.
    Number.isSafeInteger(sessionId) ? (sessionId ?? null) : null,
    instanceId ?? null,
    detail ?? null,
  ];
}

function idOf(row: Record<string, unknown> | undefined): number | undefined {
  return typeof row?.['id'] === 'number' ? row['id'] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
