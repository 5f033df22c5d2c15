import { statSync } from 'node:fs';
import type { JournalEvent } from '@holdfast/protocol';
import { listJournalFiles, readJournalFile, type JournalFile } from './journal-file.ts';

/** Events of one journal, in their order. */
export type JournalPart = { journal: string; events: JournalEvent[] };

/** After which a reading is cut: half a megabyte is one message of moderate size. */
const BATCH_BYTES = 512 * 1024;

/**
 * Reads the journals of all session hosts of one user, those included that have ended. How far a file was read is
 * remembered, so that a look costs as much as there is new: a session host does this beside its sessions.
 */
export class Journals {
  readonly #folder: string;
  /** How many bytes of a file were read, and the number of the last event in them. */
  readonly #known = new Map<string, { end: number; last: number }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The events behind those that the reader has.
   * @param after number of the last event that it has of each journal
   * @returns at least one event if there is one; `more` when there are others
   */
  read(after: Readonly<Record<string, number>>): { journals: JournalPart[]; more: boolean } {
    const journals: JournalPart[] = [];
    let room = BATCH_BYTES;
    const files = listJournalFiles(this.#folder);
    this.#forgetOthers(files);
    for (const [index, file] of files.entries()) {
      const from = after[file.journal] ?? 0;
      const next = files[index + 1];
      if (next?.journal === file.journal && next.first <= from + 1) continue;
      const events = this.#eventsOf(file, from);
      for (const event of events) {
        if (room <= 0) return { journals, more: true };
        room -= JSON.stringify(event).length;
        partOf(journals, file.journal).events.push(event);
      }
    }
    return { journals, more: false };
  }

  #eventsOf({ path }: JournalFile, from: number): JournalEvent[] {
    try {
      const known = this.#known.get(path);
      const { end: begin, last } = known !== undefined && known.last <= from ? known : { end: 0, last: 0 };
      if (statSync(path).size === begin) return [];
      const { events, end } = readJournalFile(path, begin);
      this.#known.set(path, { end, last: events.at(-1)?.number ?? last });
      return events.filter(({ number }) => number > from);
    } catch (error) {
      // Its host made room just now.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  #forgetOthers(files: readonly JournalFile[]): void {
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }
}

function partOf(journals: JournalPart[], journal: string): JournalPart {
  const last = journals.at(-1);
  if (last?.journal === journal) return last;
  const part = { journal, events: [] };
  journals.push(part);
  return part;
}
