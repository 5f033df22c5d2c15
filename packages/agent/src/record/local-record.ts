import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventTable, type RecordLimits } from './event-table.ts';
import type { Journals } from './journals.ts';

/** The record of a machine without a gateway: `record.db` in the state folder, filled from the journals when asked. */
export class LocalRecord {
  readonly events: EventTable;
  readonly #database: DatabaseSync;

  /** @throws Error of node:sqlite or node:fs when the file cannot be opened */
  constructor(stateFolder: string) {
    const file = join(stateFolder, 'record.db');
    // SQLite gives its other files the rights of this one.
    closeSync(openSync(file, 'a', 0o600));
    this.#database = new DatabaseSync(file);
    // What is lost in a crash of the machine is read from the journals again.
    this.#database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.events = new EventTable(this.#database);
  }

  /** Takes what is new in the journals of `user`. */
  collect(user: string, journals: Journals, limits: RecordLimits): void {
    for (let more = true, isNew = false; more;) {
      const found = journals.read(this.events.collected(user));
      more = found.more;
      isNew ||= found.journals.length > 0;
      if (found.journals.length > 0) this.events.collect(user, found.journals);
      if (!more && isNew) this.events.rotate(limits);
    }
  }

  close(): void {
    this.#database.close();
  }
}
