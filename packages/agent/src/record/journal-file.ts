import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { JournalEvent } from '@holdfast/protocol';
import * as v from 'valibot';

/** A file of a journal, which goes on from the number `first`. */
export type JournalFile = { path: string; journal: string; first: number };

/** `<journal, a UUID>.<number of the first event>.journal` */
const NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d+)\.journal$/;
const CHECKSUM_LENGTH = 8;

/** Name of the file that begins with event `first`. */
export function journalFileName(journal: string, first: number): string {
  return `${journal}.${first}.journal`;
}

/** The files of all journals in `folder`: each journal's in their order. */
export function listJournalFiles(folder: string): JournalFile[] {
  const files = namesIn(folder).flatMap((name) => {
    const [, journal, first] = NAME.exec(name) ?? [];
    return journal === undefined ? [] : [{ path: join(folder, name), journal, first: Number(first) }];
  });
  return files.toSorted((a, b) => a.journal.localeCompare(b.journal) || a.first - b.first);
}

/** A line of a journal: the CRC-32 of what follows in hex, a space, the event as JSON. */
export function journalLine(event: JournalEvent): string {
  const json = JSON.stringify(event);
  return `${checksum(json)} ${json}\n`;
}

/**
 * The events of a file. A line that was torn by a kill, or damaged on the disk, is left out; whoever counts numbers sees
 * that one is missing.
 */
export function readJournalFile(path: string): JournalEvent[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last line's end is a line that is being written.
  return lines.slice(0, -1).flatMap((line) => eventOf(line) ?? []);
}

function eventOf(line: string): JournalEvent | undefined {
  const json = line.slice(CHECKSUM_LENGTH + 1);
  if (line.slice(0, CHECKSUM_LENGTH) !== checksum(json)) return undefined;
  const event = v.safeParse(JournalEvent, JSON.parse(json));
  return event.success ? event.output : undefined;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, '0');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
