import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Something that happened, for the record of who did what. */
export type RegistryEvent = {
  type: string;
  user?: string | undefined;
  /** Fingerprint of the user's key. */
  key?: string | undefined;
  address?: string | undefined;
  sessionId?: number | undefined;
  instanceId?: string | undefined;
  /** Why, in a few words. */
  detail?: string | undefined;
};

/** A recorded event with its number and time (milliseconds since 1970). */
export type RecordedEvent = RegistryEvent & { number: number; time: number };

/** How long events may wait to be written together; a gateway that is killed loses no more than these. */
const EVENT_DELAY_MS = 100;

/** Somebody was not let in. */
export const REFUSED = 'client.refused';

const MAX_REFUSALS = 10_000;

/** How long the same openId gives the same id. */
const OPEN_ID_MS = 7 * 24 * 60 * 60 * 1000;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
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
  PRAGMA user_version = 1;
`;

/**
 * The gateway's own record, in SQLite in the state folder: ids of sessions, which are never given twice, and events.
 * An id is on the disk before it is used; events are written a little later, together, where nobody waits for them.
 */
export class Registry {
  readonly #database: DatabaseSync;
  readonly #oldId: StatementSync;
  readonly #newId: StatementSync;
  readonly #newEvent: StatementSync;
  readonly #onError: (error: Error) => void;
  #waiting: RecordedEvent[] = [];
  #sinceForgetting = 0;
  #flushing: NodeJS.Timeout | undefined;

  /**
   * @param onError takes what goes wrong while events are written; the gateway goes on without them
   * @throws Error of node:sqlite or node:fs when the file cannot be opened
   */
  constructor(stateDir: string, onError: (error: Error) => void) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    this.#onError = onError;
    const file = path.join(stateDir, 'registry.db');
    // SQLite gives its other files the rights of this one.
    closeSync(openSync(file, 'a', 0o600));
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
    this.#forgetOld();
    this.#oldId = this.#database.prepare('SELECT id FROM sessions WHERE user = ? AND open_id = ?');
    this.#newId = this.#database.prepare(`
      INSERT INTO sessions (user, open_id, address, time) VALUES (?, ?, ?, ?)
      ON CONFLICT (user, open_id) DO UPDATE SET open_id = open_id RETURNING id`);
    this.#newEvent = this.#database.prepare(`
      INSERT INTO events (time, type, user, key, address, session_id, instance_id, detail)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  }

  /**
   * The id to propose for the session that `user` opens under `openId`: 1, 2, 3…, never one that was given before. The
   * same openId again, after a lost reply, gets the same id. The session host may have got further, and gives another.
   */
  sessionId(open: { user: string; openId: string; address: string }): number {
    const id = (this.#oldId.get(open.user, open.openId) ?? this.#insertId(open))?.['id'];
    if (typeof id !== 'number') throw new TypeError(`The registry gave ${String(id)} as a session id`);
    return id;
  }

  /** Records an event; after close() nothing is recorded. */
  record(event: RegistryEvent): void {
    if (!this.#database.isOpen) return;
    this.#waiting.push({ ...event, number: 0, time: Date.now() });
    this.#flushing ??= setTimeout(() => this.flush(), EVENT_DELAY_MS);
  }

  /** Writes the events that wait. */
  flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length === 0) return;
    try {
      this.#database.exec('BEGIN');
      for (const event of events) this.#newEvent.run(...rowOf(event));
      this.#database.exec('COMMIT');
      this.#sinceForgetting += events.length;
      if (this.#sinceForgetting > MAX_REFUSALS / 10) this.#forgetOld();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The newest events, latest first. */
  events(limit: number): RecordedEvent[] {
    this.flush();
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

  close(): void {
    this.flush();
    this.#database.close();
  }

  /** Strangers make refusals, as many as they like: only the newest are kept. An old openId is not asked for again. */
  #forgetOld(): void {
    this.#sinceForgetting = 0;
    this.#database.exec(`
      DELETE FROM events WHERE type = '${REFUSED}' AND number <=
        (SELECT number FROM events WHERE type = '${REFUSED}' ORDER BY number DESC LIMIT 1 OFFSET ${MAX_REFUSALS});
      DELETE FROM sessions WHERE time < ${Date.now() - OPEN_ID_MS};`);
  }

  #insertId(open: { user: string; openId: string; address: string }): Record<string, unknown> | undefined {
    this.#database.exec('PRAGMA synchronous = FULL');
    const row = this.#newId.get(open.user, open.openId, open.address, Date.now());
    this.#database.exec('PRAGMA synchronous = NORMAL');
    return row;
  }
}

function rowOf(event: RecordedEvent): (string | number | null)[] {
  const { time, type, user, key, address, sessionId, instanceId, detail } = event;
  return [
    time,
    type,
    user ?? null,
    key ?? null,
    address ?? null,
    sessionId ?? null,
    instanceId ?? null,
    detail ?? null,
  ];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
