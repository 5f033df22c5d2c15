import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import { Journal, type JournalOptions } from './journal.ts';
import { listJournalFiles } from './journal-file.ts';
import { Journals } from './journals.ts';

let folder: string;
let log: string[];
let journals: Journal[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-journal-'));
  log = [];
  journals = [];
});
afterEach(() => {
  for (const journal of journals) journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<JournalOptions> = {}): Journal {
  const limits = () => ({ journalBytes: 2 ** 24, keepDays: 90 });
  const journal = new Journal({ folder, limits, log: (line) => log.push(line), onGrew: () => undefined, ...options });
  journals.push(journal);
  return journal;
}

/** All that is in the folder, read in as many goes as it takes. */
function readAll(): { journal: string; number: number; text: string | undefined }[] {
  const reader = new Journals(folder);
  const after: Record<string, number> = {};
  const found: { journal: string; number: number; text: string | undefined }[] = [];
  for (let more = true; more;) {
    const read = reader.read(after);
    more = read.more;
    for (const { journal, events } of read.journals) {
      after[journal] = events.at(-1)?.number ?? 0;
      found.push(...events.map(({ number, text }) => ({ journal, number, text })));
    }
  }
  return found;
}

describe('Journal', () => {
  test('numbers its events from 1, and a reader gets those behind the number that it has', () => {
    const journal = open();
    for (const text of ['a', 'b', 'c']) journal.append({ type: 'command.started', text });
    const reader = new Journals(folder);
    expect(reader.read({})).toMatchObject({
      journals: [{ journal: journal.id, events: [{ number: 1 }, { number: 2 }, { number: 3, text: 'c' }] }],
      more: false,
    });
    expect(reader.read({ [journal.id]: 2 })).toMatchObject({ journals: [{ events: [{ number: 3 }] }] });
    expect(reader.read({ [journal.id]: 3 })).toEqual({ journals: [], more: false });
    journal.append({ type: 'command.ended', status: 1 });
    expect(reader.read({ [journal.id]: 3 })).toMatchObject({ journals: [{ events: [{ number: 4, status: 1 }] }] });
  });

  test('is for its owner alone', () => {
    open().append({ type: 'session.opened' });
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
  });

  test('a host that is killed leaves every event that append() returned for', async () => {
    const module = fileURLToPath(new URL('journal.ts', import.meta.url));
    const script = path.join(folder, 'killed.mjs');
    writeFileSync(
      script,
      `import { writeSync } from 'node:fs';
      import { Journal } from ${JSON.stringify(module)};
      const limits = () => ({ journalBytes: 2 ** 24, keepDays: 90 });
      const journal = new Journal({ folder: ${JSON.stringify(folder)}, limits, log() {}, onGrew() {} });
      for (let count = 1; ; count += 1) {
        journal.append({ type: 'command.started', text: 'x'.repeat(count % 500) });
        writeSync(1, count + '\\n');
      }`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.length > 20_000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const confirmed = said.split('\n').length - 1;
    const numbers = readAll().map(({ number }) => number);
    expect(confirmed).toBeGreaterThan(1000);
    expect(numbers.length).toBeGreaterThanOrEqual(confirmed);
    expect(numbers).toEqual(Array.from(numbers, (_, index) => index + 1));
  });

  test('a torn and a damaged line are left out, and the others are read', () => {
    const journal = open();
    for (const text of ['a', 'b', 'c']) journal.append({ type: 'command.started', text });
    const [{ path: file } = { path: '' }] = listJournalFiles(folder);
    const [first = '', second = '', third = ''] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${first}\n${second.replace('"b"', '"x"')}\n${third}\n${third.slice(0, 20)}`);
    expect(readAll().map(({ number }) => number)).toEqual([1, 3]);
    appendFileSync(file, '\nno checksum\n\n');
    expect(readAll().map(({ number }) => number)).toEqual([1, 3]);
  });

  test('goes on in another file when one is full, and makes room for it by the oldest', () => {
    const journal = open({ limits: () => ({ journalBytes: 2 ** 20, keepDays: 90 }) });
    const text = 'x'.repeat(8000);
    for (let count = 0; count < 500; count += 1) journal.append({ type: 'command.started', text });
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
    expect(bytes).toBeLessThan(2 ** 20 + 16 * 1024);
    const numbers = readAll().map(({ number }) => number);
    expect(numbers.at(-1)).toBe(500);
    expect(numbers).toEqual(Array.from(numbers, (_, index) => (numbers[0] ?? 0) + index));
    expect(numbers.length).toBeGreaterThan(60);
  });

  test('goes on in a new file when another host has removed its own to make room', () => {
    const journal = open();
    journal.append({ type: 'session.opened' });
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
    journal.append({ type: 'session.exited' });
    expect(readAll().map(({ number }) => number)).toEqual([2]);
  });

  test('files that are too old go when another one begins', () => {
    open().append({ type: 'session.opened' });
    for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), 0, Date.now() / 1000 - 91 * 86_400);
    open().append({ type: 'session.opened' });
    expect(listJournalFiles(folder)).toHaveLength(1);
  });

  test('on a full disk events wait up to a bound, those above are counted, and none is written in part', async () => {
    using disk = new SmallDisk(path.join(folder, 'small'), 256 * 1024);
    const journal = open({ folder: disk.folder });
    journal.append({ type: 'command.started', text: 'before' });
    disk.fill();
    for (let count = 0; count < 2500; count += 1) journal.append({ type: 'command.started', text: String(count) });
    expect(log).toEqual([expect.stringMatching(/^the journal cannot be written: .*; events wait in memory$/)]);
    disk.empty();
    const reader = new Journals(disk.folder);
    const read = () => reader.read({}).journals.flatMap(({ events }) => events);
    await expect.poll(() => read().length, { timeout: 20_000 }).toBeGreaterThan(2000);
    const found = read();
    expect(found.map(({ number }) => number)).toEqual(Array.from(found, (_, index) => index + 1));
    expect(found.at(-1)).toMatchObject({
      type: 'journal.lost',
      detail: expect.stringMatching(/^\d+ events could not/),
    });
    const kept = found.filter(({ type }) => type === 'command.started').length;
    expect(kept + Number.parseInt(found.at(-1)?.detail ?? '', 10)).toBe(2501);
    expect(log.at(-1)).toBe('the journal is written again');
  });

  test('a reading is cut in batches', () => {
    const journal = open();
    for (let count = 0; count < 200; count += 1) journal.append({ type: 'command.started', text: 'x'.repeat(8000) });
    const first = new Journals(folder).read({});
    expect(first.more).toBe(true);
    expect(first.journals[0]?.events.length).toBeLessThan(100);
    expect(readAll()).toHaveLength(200);
  });
});
