import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from './log.ts';

let folder: string;
const opened: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-log-'));
});

afterEach(() => {
  for (const descriptor of opened.splice(0)) closeSync(descriptor);
  rmSync(folder, { recursive: true, force: true });
});

function open(file: string, flags: string | number): number {
  const descriptor = openSync(file, flags);
  opened.push(descriptor);
  return descriptor;
}

describe('createLog()', () => {
  test('writes one JSON object a line, with its time', () => {
    const file = path.join(folder, 'log');
    const log = createLog(open(file, 'a'));
    log('client.refused', { reason: 'a\nb', port: 3, user: undefined });
    log('gateway.stopped');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: expect.stringMatching(/^\d{4}-.*Z$/), event: 'client.refused', reason: 'a\nb', port: 3 },
      { time: expect.any(String), event: 'gateway.stopped' },
    ]);
  });

  test('neither waits nor fails when nobody reads its pipe, and says later how many lines were lost', () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reader = open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = createLog(open(fifo, 'w'));
    for (let line = 0; line < 10_000; line += 1) log('client.refused', { line });
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    const first = buffer.toString('utf8', 0, readSync(reader, buffer)).trimEnd().split('\n');
    log('after');
    const last: unknown = JSON.parse(buffer.toString('utf8', 0, readSync(reader, buffer)));
    const intact = first.filter((line) => line.endsWith('}'));
    expect(last).toMatchObject({ event: 'after', droppedLines: 10_000 - intact.length });
  });
});
