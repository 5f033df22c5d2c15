import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { JournalEvent } from '@holdfast/protocol';
import * as v from 'valibot';

/** A file of a journal, which goes on from the number `first`. */
export type JournalFile = { path: string; journal: string; first: number };

/** `<journal, a UUID>.<number of the first event>.journal` */
const NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d+)\.journal$/;
const CHECKSUM_LENGTH = 8;
const NEWLINE = 0x0a;

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
 * @param from the byte that a line begins at
 * @returns `end`: the byte behind the last whole line; what follows is being written, or was torn
 */
export function readJournalFile(path: string, from = 0): { events: JournalEvent[]; end: number } {
  const bytes = readFrom(path, from);
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  const lines = bytes.toString('utf8', 0, whole).split('\n');
  return { events: lines.flatMap((line) => eventOf(line) ?? []), end: from + whole };
}

function readFrom(path: string, from: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
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
