import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { JournalEvent, RecordedType } from '@holdfast/protocol';
import { journalFileName, journalLine, listJournalFiles } from './journal-file.ts';

/** An event before it has its number and time. */
export type JournalEntry = Omit<JournalEvent, 'number' | 'time' | 'type'> & { type: RecordedType };

export type JournalOptions = {
  /** Holds the journals of all session hosts of one user; closed to others. */
  folder: string;
  /** What the folder may take, and how old a file in it may get. */
  limits: () => { journalBytes: number; keepDays: number };
  log: (line: string) => void;
  /** Something was appended. */
  onGrew: () => void;
};

/** After which a file is followed by another one, so that the oldest events can go. */
const FILE_BYTES = 256 * 1024;
/** Events that wait in memory while the disk does not take them; above it they are counted. */
const MAX_WAITING = 2000;
const RETRY_MS = 1000;
/** How long what was written may lie in the kernel's memory: a crash of the machine ends every session anyway. */
const SYNC_MS = 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What happens in one session host, appended to files that the gateway collects from. An event is with the kernel when
 * append() returns, so that it outlives a kill of this process; it is on the disk within a second. Where the disk takes
 * nothing, events wait in memory, up to a bound, and the sessions go on.
 */
export class Journal {
  readonly id: string = randomUUID();
  readonly #options: JournalOptions;
  #last = 0;
  #waiting: string[] = [];
  /** Number of the first that waits. */
  #firstWaiting = 1;
  #lost = 0;
  #file: { fd: number; bytes: number } | undefined;
  #retry: NodeJS.Timeout | undefined;
  #sync: NodeJS.Timeout | undefined;
  #failed = false;

  /** Makes its first file with the first event. */
  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Records an event; never throws. */
  append(entry: JournalEntry): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#add(entry);
    this.#write();
    this.#options.onGrew();
  }

  /** Lets go of the file; what waits is lost. */
  close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#sync);
    if (this.#waiting.length > 0) this.#write();
    clearTimeout(this.#retry);
    this.#closeFile();
  }

  #add(entry: JournalEntry): void {
    this.#last += 1;
    this.#waiting.push(journalLine({ ...entry, number: this.#last, time: Date.now() }));
  }

  #write(): void {
    try {
      while (this.#waiting.length > 0) this.#writeLines();
    } catch (error) {
      this.#onFailure(error);
      return;
    }
    if (this.#failed) this.#options.log('the journal is written again');
    this.#failed = false;
    this.#sync ??= setTimeout(() => this.#syncSoon(), SYNC_MS).unref();
  }

  #writeLines(): void {
    const file = this.#openFile();
    const line = this.#waiting[0] ?? '';
    const bytes = Buffer.from(line);
    const written = writeSync(file.fd, bytes, 0, bytes.length, file.bytes);
    if (written < bytes.length) throw new Error('No space is left for the whole of an event');
    file.bytes += written;
    this.#waiting.shift();
    this.#firstWaiting += 1;
    if (this.#waiting.length === 0 && this.#lost > 0) {
      const detail = `${this.#lost} events could not be kept: the disk took none for too long`;
      this.#lost = 0;
      this.#add({ type: 'journal.lost', detail });
    }
  }

  /** The file that takes the next event: a new one behind a full one. */
  #openFile(): { fd: number; bytes: number } {
    // Another host may have removed it to make room.
    const isThere = this.#file !== undefined && fstatSync(this.#file.fd).nlink > 0;
    if (this.#file !== undefined && isThere && this.#file.bytes < FILE_BYTES) return this.#file;
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#makeRoom();
    const fd = openSync(join(folder, journalFileName(this.id, this.#firstWaiting)), 'w', 0o600);
    this.#closeFile();
    this.#file = { fd, bytes: 0 };
    return this.#file;
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  /** Removes what is too old, and the oldest of what is too much, of all this user's hosts. */
  #makeRoom(): void {
    const { journalBytes, keepDays } = this.#options.limits();
    const files = listJournalFiles(this.#options.folder).flatMap(({ path, first }) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, first, bytes: stat.size, changed: stat.mtimeMs }];
    });
    // Files that are filled quickly have the same time.
    files.sort((a, b) => b.changed - a.changed || b.first - a.first);
    let room = journalBytes - FILE_BYTES;
    for (const { path, bytes, changed } of files) {
      room -= bytes;
      if (room < 0 || changed < Date.now() - keepDays * DAY_MS) rmSync(path, { force: true });
    }
  }

  #onFailure(error: unknown): void {
    if (!this.#failed) this.#options.log(`the journal cannot be written: ${String(error)}; events wait in memory`);
    this.#failed = true;
    try {
      if (this.#file !== undefined) ftruncateSync(this.#file.fd, this.#file.bytes);
    } catch {
      // A part of a line stays until it is written over.
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#write(), RETRY_MS).unref();
  }

  #syncSoon(): void {
    this.#sync = undefined;
    // What it says is seen by the next write too.
    if (this.#file !== undefined) fdatasync(this.#file.fd, () => undefined);
  }
}
