import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { EventTable, type RecordLimits } from '../record/event-table.ts';

/** How long the same openId gives the same id. */
const OPEN_ID_MS = 7 * 24 * 60 * 60 * 1000;

/** 2: what session hosts record. A program of version 1 works with such a file too. */
const SCHEMA_VERSION = 2;
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
`;

/** Who opens a session, and the name that the client gave to this opening. */
export type Opening = { user: string; openId: string; address: string };

/** The registry's SQLite file `registry.db`. Every method throws what node:sqlite throws. */
export class RegistryFile {
  readonly events: EventTable;
  readonly #database: DatabaseSync;
  readonly #oldId: StatementSync;
  readonly #newId: StatementSync;

  /** @throws Error of node:sqlite or node:fs when the file cannot be opened */
  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const file = path.join(stateDir, 'registry.db');
    // SQLite gives its other files the rights of this one.
    closeSync(openSync(file, 'a', 0o600));
    this.#database = new DatabaseSync(file);
    try {
      this.#database.exec(SCHEMA);
      this.events = new EventTable(this.#database);
      this.#noteVersion();
      this.#oldId = this.#database.prepare('SELECT id FROM sessions WHERE user = ? AND open_id = ?');
      this.#newId = this.#database.prepare(`
        INSERT INTO sessions (user, open_id, address, time) VALUES (?, ?, ?, ?)
        ON CONFLICT (user, open_id) DO UPDATE SET open_id = open_id RETURNING id`);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** The id that was given for this opening before. */
  oldId({ user, openId }: Opening): number | undefined {
    return idOf(this.#oldId.get(user, openId));
  }

  /** The next id, which is on the disk when this returns. */
  newId({ user, openId, address }: Opening): number | undefined {
    this.#database.exec('PRAGMA synchronous = FULL');
    try {
      // Not get(), which takes the row and does not see that it could not be written after all.
      return idOf(this.#newId.all(user, openId, address, Date.now())[0]);
    } finally {
      this.#database.exec('PRAGMA synchronous = NORMAL');
    }
  }

  /** Writes, and changes nothing. @throws Error of node:sqlite when that cannot be done */
  touch(): void {
    this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }

  /** Events above the limits go, and openIds that nobody asks for again. */
  forgetOld(limits: RecordLimits): void {
    this.events.rotate(limits);
    this.#database.exec(`DELETE FROM sessions WHERE time < ${Date.now() - OPEN_ID_MS}`);
  }

  close(): void {
    this.#database.close();
  }

  #noteVersion(): void {
    const version = this.#database.prepare('PRAGMA user_version').get()?.['user_version'];
    if (version !== SCHEMA_VERSION) this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }
}

function idOf(row: Record<string, unknown> | undefined): number | undefined {
  return typeof row?.['id'] === 'number' ? row['id'] : undefined;
}
